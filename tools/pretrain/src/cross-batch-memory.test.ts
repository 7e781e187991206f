import * as tf from '@tensorflow/tfjs-core'
import { expect, it } from 'vitest'
import { createCrossBatchMemory } from './cross-batch-memory'

it('starts empty and keeps the newest drawings, the oldest first', () => {
  const memory = createCrossBatchMemory(3, 2, ['class'])
  const labels = () => [...memory.read('class').labels.dataSync()]
  const push = (rows: number[][], concepts: number[]) =>
    tf.tidy(() => memory.push({ class: tf.tensor2d(rows) }, tf.tensor1d(concepts, 'int32')))
  expect(labels()).toEqual([-1, -1, -1])
  const before = tf.memory().numTensors
  push(
    [
      [1, 0],
      [0, 1],
    ],
    [5, 6],
  )
  expect(labels()).toEqual([-1, 5, 6])
  push(
    [
      [2, 0],
      [0, 2],
    ],
    [7, 8],
  )
  expect(labels()).toEqual([6, 7, 8])
  expect(memory.read('class').features.arraySync()).toEqual([
    [0, 1],
    [2, 0],
    [0, 2],
  ])
  expect(tf.memory().numTensors).toBe(before)
  tf.dispose(memory.variables)
})
