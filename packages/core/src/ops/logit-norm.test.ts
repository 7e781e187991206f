import * as tf from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { expectGradients, numbers, sample } from '../testing/finite-differences'
import { normalizeLogits } from './logit-norm'

describe('normalizeLogits', () => {
  it('divides by the mean length of the tasks’ logits and the temperature', () => {
    // Lengths 5 and 13, mean 9.
    const found = numbers(normalizeLogits(tf.tensor2d([[3, 4, 5, 12]]), [2, 2], 0.1))
    ;[3, 4, 5, 12].forEach((logit, i) => expect(found[i]).toBeCloseTo(logit / 0.9, 4))
  })

  it('has a gradient, at zero as well', () => {
    expectGradients(({ x }) => normalizeLogits(x as Tensor2D, [2, 2], 0.5), { x: sample([2, 4]) })
    const zero = tf.tidy(() =>
      tf
        .grad((x) => tf.sum(normalizeLogits(x as Tensor2D, [1, 1], 1)))(tf.zeros([1, 2]))
        .dataSync(),
    )
    expect(Array.from(zero).every(Number.isFinite)).toBe(true)
  })

  it('wants every class to belong to a task', () => {
    expect(() => normalizeLogits(tf.zeros([1, 5]), [2, 2], 1)).toThrow(/bring 4 classes, and there are 5 logits/)
  })
})
