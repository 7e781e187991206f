import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { clipByNorm, gradientsOf } from './gradients'

describe('gradientsOf', () => {
  it('leaves out what the loss does not depend on, and keeps a gradient of zeros', () => {
    const variables = { used: tf.variable(tf.tensor1d([1, 2])), other: tf.variable(tf.scalar(1)) }
    const { loss, gradients } = tf.tidy(() =>
      gradientsOf(() => tf.sum(tf.slice(variables.used, [1])) as tf.Scalar, variables),
    )
    expect(loss.dataSync()[0]).toBe(2)
    expect(Object.keys(gradients)).toEqual(['used'])
    expect(Array.from(gradients.used!.dataSync())).toEqual([0, 1])
    tf.dispose([loss, gradients.used!, variables.used, variables.other])
  })
})

describe('clipByNorm', () => {
  it('scales all gradients together, and only down', () => {
    tf.tidy(() => {
      const gradients = { a: tf.tensor1d([3, 0]), b: tf.scalar(4) }
      const clipped = clipByNorm(gradients, 1)
      expect(clipped.a!.dataSync()[0]).toBeCloseTo(0.6, 5)
      expect(clipped.b!.dataSync()[0]).toBeCloseTo(0.8, 5)
      expect(clipByNorm(gradients, 6).b!.dataSync()[0]).toBe(4)
    })
  })
})
