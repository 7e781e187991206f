import * as tf from '@tensorflow/tfjs-core'
import { onnxBackend } from '@pilotjs/tfjs-backend-onnx'
import { beforeAll, describe, expect, it } from 'vitest'
import { solvePositiveDefinite, symmetricEigen, symmetricPseudoInverse } from './index'

beforeAll(async () => {
  await tf.setBackend('onnx')
})

const size = 600

/** R Rᵀ / size + I. */
function positiveDefinite(): tf.Tensor2D {
  return tf.tidy(() => {
    const r = tf.randomNormal([size, size], 0, 1, 'float32', 7) as tf.Tensor2D
    return tf.add(tf.mul(1 / size, tf.matMul(r, r, false, true)), tf.eye(size)) as tf.Tensor2D
  })
}

const largest = (tensor: tf.Tensor) => tf.max(tf.abs(tensor)).dataSync()[0]!

describe('linear algebra on ONNX Runtime', () => {
  it('runs in ONNX Runtime, without one kernel on the CPU backend', async () => {
    const a = positiveDefinite()
    const b = tf.randomNormal([size, 10], 0, 1, 'float32', 8) as tf.Tensor2D
    await a.data()
    const before = { ...onnxBackend().stats().fallbacks }
    const x = await solvePositiveDefinite(a, b)
    const { values, vectors } = await symmetricEigen(a)
    const inverse = await symmetricPseudoInverse(a)
    expect(onnxBackend().stats().fallbacks).toEqual(before)
    expect(largest(tf.sub(tf.matMul(a, x), b))).toBeLessThan(1e-4)
    expect(largest(tf.sub(tf.matMul(a, vectors), tf.mul(vectors, values)))).toBeLessThan(1e-4)
    expect(largest(tf.sub(tf.matMul(a, inverse), tf.eye(size)))).toBeLessThan(1e-4)
  })

  it('builds no session for a second matrix of the same size', async () => {
    const b = tf.ones([size, 1]) as tf.Tensor2D
    ;(await solvePositiveDefinite(positiveDefinite(), b)).dataSync()
    const { builds } = onnxBackend().stats()
    const a = positiveDefinite()
    a.dataSync()
    const known = onnxBackend().stats().builds - builds
    ;(await solvePositiveDefinite(a, b)).dataSync()
    expect(onnxBackend().stats().builds).toBe(builds + known)
  })
})
