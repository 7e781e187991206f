import * as tf from '@tensorflow/tfjs-core'
import type { Tensor4D } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { expectGradients, numbers, sample } from '../testing/finite-differences'
import { depthwiseConvolution } from './depthwise-convolution'

describe('depthwiseConvolution', () => {
  it('convolves each channel with its own kernel', () => {
    const x = tf.tensor4d([1, 10, 2, 20, 3, 30, 4, 40], [1, 2, 2, 2])
    const kernel = tf.tensor4d([1, 1, 0, 1, 0, 1, 1, 1], [2, 2, 2, 1])
    // Channel 0: 1·1 + 4·1; channel 1: the sum of all.
    expect(numbers(depthwiseConvolution(x, kernel, 1))).toEqual([5, 100])
  })

  it.each([
    [1, 5],
    [2, 6],
    [2, 7],
  ])('has the gradients of its formula at stride %i for %i pixels', (stride, side) => {
    expectGradients(({ x, kernel }) => depthwiseConvolution(x as Tensor4D, kernel as Tensor4D, stride), {
      x: sample([2, side, side, 2], 1, 0.5),
      kernel: sample([3, 3, 2, 1], 2, 0.5),
    })
  })
})
