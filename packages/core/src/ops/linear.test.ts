import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { expectGradients, numbers, sample } from '../testing/finite-differences'
import { linear } from './linear'

describe('linear', () => {
  it('is x·Wᵀ + b on the last axis', () => {
    const x = tf.tensor3d([1, 2, 3, 4], [2, 1, 2])
    const weight = tf.tensor2d([1, 0, 0, 1, 1, 1], [3, 2])
    const y = linear(x, weight, tf.tensor1d([10, 20, 30]))
    expect(y.shape).toEqual([2, 1, 3])
    expect(numbers(y)).toEqual([11, 22, 33, 13, 24, 37])
    expect(numbers(linear(x, weight))).toEqual([1, 2, 3, 3, 4, 7])
  })

  it('has the gradients of a linear map', () => {
    const inputs = { x: sample([2, 3, 4]), weight: sample([5, 4], 2), bias: sample([5], 3) }
    expectGradients(({ x, weight, bias }) => linear(x!, weight!, bias), inputs)
    expectGradients(({ x, weight }) => linear(x!, weight!), { x: inputs.x, weight: inputs.weight })
  })

  it('names the shapes that do not fit', () => {
    expect(() => linear(tf.zeros([2, 3]), tf.zeros([5, 4]), tf.zeros([5]))).toThrow(
      'linear: x must be [..., in], weight [out, in] and bias [out]; got x [2, 3], weight [5, 4], bias [5]',
    )
  })
})
