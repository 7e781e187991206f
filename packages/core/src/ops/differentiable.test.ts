import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { gradientsOf } from '../training/gradients'
import { differentiable } from './differentiable'

describe('differentiable', () => {
  it('asks only for the gradients that are wanted', () => {
    const asked: string[] = []
    const product = (a: tf.Tensor, b: tf.Tensor) =>
      differentiable({
        inputs: { a, b },
        forward(save) {
          save([a, b])
          return tf.mul(a, b)
        },
        backward: (dy, [a, b]) => ({
          a: () => (asked.push('a'), tf.mul(dy, b!)),
          b: () => (asked.push('b'), tf.mul(dy, a!)),
        }),
      })
    const [a, b] = [tf.variable(tf.scalar(3)), tf.scalar(5)]
    const before = tf.memory().numTensors
    const slope = tf.tidy(() => gradientsOf(() => product(a, b) as tf.Scalar, { a }).gradients.a!.dataSync()[0])
    expect(slope).toBe(5)
    expect(asked).toEqual(['a'])
    expect(tf.memory().numTensors).toBe(before)
    tf.dispose([a, b])
  })
})
