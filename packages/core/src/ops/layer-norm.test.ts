import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { expectGradients, numbers, sample } from '../testing/finite-differences'
import { layerNorm } from './layer-norm'

describe('layerNorm', () => {
  it('normalises with the biased variance, ε inside the root', () => {
    const y = numbers(layerNorm(tf.tensor2d([1, 3], [1, 2]), tf.tensor1d([2, 2]), tf.tensor1d([0.5, 0.5]), 3))
    // mean 2, variance 1, √(1 + 3) = 2
    expect(y[0]).toBeCloseTo(-0.5, 6)
    expect(y[1]).toBeCloseTo(1.5, 6)
  })

  it('has the gradients of its formula', () => {
    const inputs = { x: sample([2, 3, 6]), gamma: sample([6], 2), beta: sample([6], 3) }
    expectGradients(({ x, gamma, beta }) => layerNorm(x!, gamma!, beta!, 1e-6), inputs)
  })

  it('names the shapes that do not fit', () => {
    expect(() => layerNorm(tf.zeros([2, 3]), tf.zeros([2]), tf.zeros([3]), 1e-6)).toThrow(/layerNorm.*gamma \[2\]/)
  })
})
