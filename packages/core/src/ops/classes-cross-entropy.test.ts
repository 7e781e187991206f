import * as tf from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { numbers, sample } from '../testing/finite-differences'
import { classesCrossEntropy } from './classes-cross-entropy'
import { crossEntropy } from './cross-entropy'

describe('classesCrossEntropy', () => {
  const labels = tf.tensor1d([3, 2], 'int32')

  it('is the cross-entropy where other logits are −∞', () => {
    const logits = sample([2, 5]) as Tensor2D
    const masked = tf.where(
      tf.tile(tf.tensor2d([0, 0, 1, 1, 0], [1, 5], 'bool'), [2, 1]),
      logits,
      tf.fill([2, 5], -1e30),
    )
    const expected = numbers(crossEntropy(masked as Tensor2D, labels))[0]!
    expect(numbers(classesCrossEntropy(logits, labels, [3, 2]))[0]).toBeCloseTo(expected, 6)
  })

  it('pushes no other class', () => {
    const slopes = tf.grad((x) => classesCrossEntropy(x as Tensor2D, labels, [2, 3]))(sample([2, 5]))
    const byClass = numbers(tf.sum(tf.abs(slopes), 0))
    expect(byClass.map((slope) => slope > 0)).toEqual([false, false, true, true, false])
  })
})
