import * as tf from '@tensorflow/tfjs-core'
import type { Scalar } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { createVariables } from '../parameters/variables'
import { gradientsOf } from '../training/gradients'
import { numbers } from '../testing/finite-differences'
import { detach, straightThrough, untaped } from './detach'

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

describe('untaped', () => {
  const deep = (x: tf.Tensor) => tf.exp(tf.sin(tf.square(tf.mul(x, 0.5))))

  it('keeps the value and stops the gradient', () => {
    const x = tf.tensor1d([1, 2])
    expect(numbers(untaped(() => deep(x)))).toEqual(numbers(deep(x)))
    expect(
      slopes((x) =>
        tf.mul(
          untaped(() => tf.clone(x)),
          x,
        ),
      ),
    ).toEqual([1, 2, 3])
  })

  it('keeps nothing on the way: neither for gradients, nor until the scope ends', () => {
    const kept = (compute: (x: tf.Tensor) => tf.Tensor) => {
      let count = 0
      slopes((x) => {
        const before = tf.memory().numTensors
        const frozen = compute(x)
        count = tf.memory().numTensors - before
        return tf.mul(frozen, x)
      })
      return count
    }
    expect(kept((x) => untaped(() => deep(x)))).toBe(1)
    expect(kept(deep)).toBeGreaterThan(4)
  })
})

describe('straightThrough', () => {
  it('has the value of one and the gradient of the other', () => {
    expect(numbers(straightThrough(tf.tensor1d([4, 5]), tf.tensor1d([1, 0])))).toEqual([1, 0])
    // d/dx of value², at the value, as if it were x.
    expect(slopes((x) => tf.square(straightThrough(x, tf.mul(x, 0.5))))).toEqual([1, 2, 3])
  })
})
