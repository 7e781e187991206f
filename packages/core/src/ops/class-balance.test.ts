import * as tf from '@tensorflow/tfjs-core'
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectGradients, numbers, sample } from '../testing/finite-differences'
import { balancedCrossEntropy, balancedDistillation, effectiveNumberWeights, logPriors } from './class-balance'
import { crossEntropy, distillation } from './cross-entropy'

const labels = tf.tensor1d([1, 0], 'int32')
const ones = tf.ones([3]) as Tensor1D

describe('effectiveNumberWeights', () => {
  it('has a mean of 1, and gives rarer classes more', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 2, maxLength: 9 }), (counts) => {
        const weights = Array.from(effectiveNumberWeights(counts, 0.96))
        expect(weights.reduce((sum, weight) => sum + weight, 0) / counts.length).toBeCloseTo(1, 5)
        counts.forEach((count, i) => {
          if (count < counts[0]!) expect(weights[i]).toBeGreaterThanOrEqual(weights[0]!)
        })
      }),
    )
  })

  it('is what PILOT’s FOSTER computes', () => {
    // Recorded in task 1 of a run with 3 exemplars of each old class and 10 images of each new one.
    const counts = [3, 3, 3, 3, 10, 10, 10, 10]
    const [boosting, compression] = [effectiveNumberWeights(counts, 0.96), effectiveNumberWeights(counts, 0.97)]
    expect([boosting[0], boosting[7]]).toEqual([expect.closeTo(1.488206148, 6), expect.closeTo(0.511793852, 6)])
    expect([compression[3], compression[4]]).toEqual([expect.closeTo(1.500850081, 6), expect.closeTo(0.499149948, 6)])
  })

  it('refuses a class without images, and a beta of 1', () => {
    expect(() => effectiveNumberWeights([3, 0], 0.9)).toThrow(/class 1 has 0 images/)
    expect(() => effectiveNumberWeights([3, 1], 1)).toThrow(/beta must be in \[0, 1\), got 1/)
  })
})

describe('balanced losses', () => {
  it('are the plain ones where all classes weigh the same', () => {
    const [x, y] = [sample([2, 3]) as Tensor2D, sample([2, 3], 2) as Tensor2D]
    expect(numbers(balancedCrossEntropy(x, labels, ones))[0]).toBeCloseTo(numbers(crossEntropy(x, labels))[0]!, 6)
    expect(numbers(balancedDistillation(x, y, ones, 2))[0]).toBeCloseTo(numbers(distillation(x, y, 2))[0]!, 6)
  })

  it('weigh the teacher’s probabilities', () => {
    // Probabilities ¼ and ¾ under weights 3 and 1: ½ each.
    const teacher = tf.tensor2d([[0, 2 * Math.log(3)]])
    const student = tf.tensor2d([[0, 2 * Math.log(3)]])
    const value = numbers(balancedDistillation(student, teacher, tf.tensor1d([3, 1]), 2))[0]
    expect(value).toBeCloseTo(-(Math.log(1 / 4) + Math.log(3 / 4)) / 2, 6)
  })

  it('have gradients', () => {
    const weights = tf.tensor1d([0.5, 1, 1.5])
    expectGradients(({ x }) => balancedCrossEntropy(x as Tensor2D, labels, weights), { x: sample([2, 3]) })
    const inputs = { x: sample([2, 3]), t: sample([2, 3], 2) }
    expectGradients(({ x, t }) => balancedDistillation(x as Tensor2D, t as Tensor2D, weights, 2), inputs)
  })
})

describe('logPriors', () => {
  it('are logarithms of shares', () => {
    const found = numbers(logPriors([1, 3, 4]))
    ;[1 / 8, 3 / 8, 4 / 8].forEach((share, i) => expect(found[i]).toBeCloseTo(Math.log(share), 6))
    expect(() => logPriors([0, 1])).toThrow(/class 0 has 0 images/)
  })
})
