import * as tf from '@tensorflow/tfjs-core'
import type { Scalar } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { createVariables } from '../parameters/variables'
import { gradientsOf } from '../training/gradients'
import { numbers } from '../testing/finite-differences'
import { detach, straightThrough } from './detach'

const slopes = (f: (x: tf.Tensor) => tf.Tensor) => {
  const variables = createVariables({ x: tf.tensor1d([1, 2, 3]) })
  const found = tf.tidy(() =>
    Array.from(gradientsOf(() => tf.sum(f(variables.x!)) as Scalar, variables).gradients.x!.dataSync()),
  )
  tf.dispose(variables)
  return found
}

describe('detach', () => {
  it('keeps the value and stops the gradient', () => {
    expect(numbers(detach(tf.tensor1d([4, 5])))).toEqual([4, 5])
    expect(slopes((x) => tf.mul(detach(x), x))).toEqual([1, 2, 3])
    expect(slopes((x) => detach(tf.square(x)))).toEqual([0, 0, 0])
  })
})

describe('straightThrough', () => {
  it('has the value of one and the gradient of the other', () => {
    expect(numbers(straightThrough(tf.tensor1d([4, 5]), tf.tensor1d([1, 0])))).toEqual([1, 0])
    // d/dx of value², at the value, as if it were x.
    expect(slopes((x) => tf.square(straightThrough(x, tf.mul(x, 0.5))))).toEqual([1, 2, 3])
  })
})
