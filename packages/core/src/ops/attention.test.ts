import * as tf from '@tensorflow/tfjs-core'
import type { Tensor4D } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { expectGradients, numbers, sample } from '../testing/finite-differences'
import { attention } from './attention'

const heads = (shape: number[], seed: number) => sample(shape, seed) as Tensor4D

describe('attention', () => {
  it('mixes values by the softmax of scaled products', () => {
    const q = tf.tensor4d([1, 0], [1, 1, 1, 2])
    const k = tf.tensor4d([Math.log(3), 0, 0, 5], [1, 1, 2, 2])
    const v = tf.tensor4d([4, 0, 0, 8], [1, 1, 2, 2])
    // Products ln 3 and 0, weights 3/4 and 1/4; at half the scale √3 : 1.
    expect(numbers(attention(q, k, v, 1)).map((x) => x.toFixed(4))).toEqual(['3.0000', '2.0000'])
    const part = Math.sqrt(3) / (1 + Math.sqrt(3))
    expect(numbers(attention(q, k, v, 0.5))[0]).toBeCloseTo(4 * part, 5)
  })

  it('has the gradients of its formula, with more keys than queries', () => {
    const inputs = { q: heads([2, 2, 2, 3], 1), k: heads([2, 2, 4, 3], 2), v: heads([2, 2, 4, 3], 3) }
    expectGradients(({ q, k, v }) => attention(q as Tensor4D, k as Tensor4D, v as Tensor4D, 0.7), inputs)
  })

  it('names the shapes that do not fit', () => {
    const [q, k] = [tf.zeros([1, 2, 3, 4]) as Tensor4D, tf.zeros([1, 2, 3, 5]) as Tensor4D]
    expect(() => attention(q, k, k, 1)).toThrow(/attention.*q \[1, 2, 3, 4\], k \[1, 2, 3, 5\]/)
  })
})
