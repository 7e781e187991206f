import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { setMemoryBudget } from '../engine/memory-budget'
import { forwardBatch } from './forward-batch'

beforeAll(() => tf.setBackend('cpu'))
afterAll(() => setMemoryBudget(undefined))

it('takes fewer of larger images, and of all of them where memory is short', () => {
  setMemoryBudget(12 * 2 ** 30)
  expect([32, 224, 384, 4000].map((size) => forwardBatch([size, size, 3]))).toEqual([64, 16, 4, 1])
  setMemoryBudget(2 ** 30)
  expect([32, 224].map((size) => forwardBatch([size, size, 3]))).toEqual([64, 2])
})
