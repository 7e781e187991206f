import * as tf from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gradientsOf } from '../training/gradients'
import { expectGradients, numbers, sample } from '../testing/finite-differences'
import { cosineSimilarity, l2Normalize } from './cosine'

describe('l2Normalize', () => {
  it('divides by the length', () => {
    expect(numbers(l2Normalize(tf.tensor2d([3, 4, 0, 0], [2, 2]))).map((x) => x.toFixed(6))).toEqual([
      '0.600000',
      '0.800000',
      '0.000000',
      '0.000000',
    ])
  })

  it('has the gradient of its formula along any axis', () => {
    expectGradients(({ x }) => l2Normalize(x!), { x: sample([3, 4]) })
    expectGradients(({ x }) => l2Normalize(x!, 0), { x: sample([3, 4]) })
  })

  it('treats the length of a zero vector as the constant ε, as torch does', () => {
    const x = tf.variable(tf.zeros([1, 2]))
    const slopes = tf.tidy(() =>
      Array.from(gradientsOf(() => tf.sum(l2Normalize(x, -1, 1e-3)) as tf.Scalar, { x }).gradients.x!.dataSync()),
    )
    for (const slope of slopes) expect(slope).toBeCloseTo(1000, 1)
    x.dispose()
  })
})

describe('cosineSimilarity', () => {
  it('does not depend on lengths', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.double({ min: 0.1, max: 50, noNaN: true }), (seed, factor) => {
        tf.tidy(() => {
          const [features, weight] = [sample([3, 5], seed) as Tensor2D, sample([4, 5], seed + 1) as Tensor2D]
          const plain = numbers(cosineSimilarity(features, weight))
          const scaled = numbers(cosineSimilarity(tf.mul(features, factor), tf.div(weight, factor)))
          plain.forEach((cosine, i) => {
            expect(Math.abs(cosine)).toBeLessThanOrEqual(1.000001)
            expect(scaled[i]).toBeCloseTo(cosine, 5)
          })
        })
      }),
      { numRuns: 20 },
    )
  })

  it('gives a row of zeros 0', () => {
    expect(numbers(cosineSimilarity(tf.ones([1, 2]), tf.tensor2d([0, 0, 1, 1], [2, 2])))[0]).toBe(0)
  })

  it('names the shapes that do not fit', () => {
    expect(() => cosineSimilarity(tf.zeros([1, 2]), tf.zeros([3, 4]))).toThrow(/features \[1, 2\], weight \[3, 4\]/)
  })
})
