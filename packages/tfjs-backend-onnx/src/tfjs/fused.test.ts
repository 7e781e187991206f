import * as tf from '@tensorflow/tfjs'
import '../index'
import { beforeAll, describe, expect, it } from 'vitest'
import { gelu, layerNorm, scaledDotProductAttention } from './fused'

beforeAll(() => tf.setBackend('onnx'))

const wave = (shape: number[], phase: number) =>
  tf.tidy(() =>
    tf
      .sin(tf.add(tf.range(0, tf.util.sizeFromShape(shape)), phase))
      .reshape(shape)
      .mul(2),
  )

/** Value and gradients of a composite operation, against the same put together from tfjs' plain operations. */
function expectSame(
  composite: (...x: tf.Tensor[]) => tf.Tensor,
  plain: (...x: tf.Tensor[]) => tf.Tensor,
  inputs: tf.Tensor[],
) {
  const results = [composite, plain].map((f) => {
    const weighted = (...x: tf.Tensor[]) => {
      const y = f(...x)
      return tf.sum(tf.mul(y, wave(y.shape, 9)))
    }
    return [f(...inputs), ...tf.grads(weighted)(inputs)].map((t) => [...t.dataSync()])
  })
  const [actual, expected] = results as [number[][], number[][]]
  expected.forEach((values, i) =>
    values.forEach((value, j) =>
      expect(Math.abs(actual[i]![j]! - value)).toBeLessThan(1e-5 * Math.max(1, Math.abs(value))),
    ),
  )
}

describe('composite operations', () => {
  it('layerNorm', () => {
    const plain = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) => {
      const { mean, variance } = tf.moments(x, -1, true)
      return tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5))), gamma), beta)
    }
    const inputs = [wave([2, 3, 8], 0), wave([8], 1), wave([8], 2)]
    expectSame((x, gamma, beta) => layerNorm(x!, gamma!, beta!, 1e-5), plain as never, inputs)
  })

  it('gelu', () => {
    const plain = (x: tf.Tensor) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1))
    expectSame((x) => gelu(x!), plain as never, [tf.mul(wave([40], 0), 3)])
  })

  it('attention', () => {
    const plain = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) =>
      tf.matMul(tf.softmax(tf.mul(tf.matMul(q, k, false, true), 0.5)), v)
    const inputs = [wave([2, 3, 4, 4], 0), wave([2, 3, 5, 4], 1), wave([2, 3, 5, 4], 2)]
    expectSame((q, k, v) => scaledDotProductAttention(q!, k!, v!), plain as never, inputs)
  })

  it('attention takes its gradient by the same bits from probabilities that it keeps and from those that it computes again', () => {
    const inputs = [wave([5, 12, 196, 8], 0), wave([5, 12, 196, 8], 1), wave([5, 12, 196, 8], 2)] as const
    const gradients = (middle: (y: tf.Tensor) => unknown) => {
      const weighted = (...[q, k, v]: tf.Tensor[]) => {
        const y = scaledDotProductAttention(q!, k!, v!)
        middle(y)
        return tf.sum(tf.mul(y, wave(y.shape, 9)))
      }
      return tf.tidy(() =>
        tf
          .grads(weighted)([...inputs])
          .map((t) => t.dataSync()),
      )
    }
    // One graph, and one that ends before the gradient begins: what that needs has been stored by then.
    const [again, kept] = [gradients((y) => y.shape), gradients((y) => y.dataSync())]
    expect(again).toEqual(kept)
  })
})
