import * as tf from '@tensorflow/tfjs'
import { afterAll, describe, expect, it } from 'vitest'
import { type OnnxBackend, type OnnxOptions, createOnnxBackend, flush, layerNorm } from '../index'

const [batch, tokens, width] = [64, 32, 128]
const wave = (shape: number[], phase: number) =>
  tf.tidy(() =>
    tf
      .sin(
        tf.add(
          tf.mul(
            tf.range(
              0,
              shape.reduce((a, b) => a * b),
            ),
            0.37,
          ),
          phase,
        ),
      )
      .reshape(shape),
  ) as tf.Tensor

function replaceBackend(backend: OnnxBackend): void {
  tf.removeBackend('onnx')
  tf.registerBackend('onnx', () => backend)
}
// The files of a test run share one tfjs.
afterAll(() => replaceBackend(createOnnxBackend()))

/** Losses and weights of three steps with a mixer of tokens, and features of it; how many graphs were split. */
async function train(options: Partial<OnnxOptions>) {
  const backend = createOnnxBackend(options)
  replaceBackend(backend)
  await tf.setBackend('onnx')
  const variable = (shape: number[], phase: number) => tf.variable(tf.mul(wave(shape, phase), 0.1))
  const up = variable([width, 4 * width], 1) as tf.Variable<tf.Rank.R2>
  const down = variable([4 * width, width], 2) as tf.Variable<tf.Rank.R2>
  const head = variable([width, 10], 3) as tf.Variable<tf.Rank.R2>
  const mix = (x: tf.Tensor) => {
    const rows = tf.reshape(layerNorm(x, tf.ones([width]), tf.zeros([width])), [batch * tokens, width])
    const hidden = tf.relu(tf.matMul(rows as tf.Tensor2D, up))
    return tf.add(x, tf.reshape(tf.matMul(hidden, down), [batch, tokens, width]))
  }
  const features = (images: tf.Tensor) => tf.mean(mix(mix(mix(images))), 1) as tf.Tensor2D
  const images = wave([batch, tokens, width], 4)
  flush()
  const labels = tf.oneHot(tf.range(0, batch, 1, 'int32').mod(tf.scalar(10, 'int32')), 10)
  // Adam would divide gradients by their own size, and so blow up the rounding of those that are nearly nothing.
  const optimizer = tf.train.sgd(0.5)
  const losses = Array.from(
    { length: 3 },
    () =>
      optimizer
        .minimize(() => tf.losses.softmaxCrossEntropy(labels, tf.matMul(features(images), head)), true)!
        .dataSync()[0]!,
  )
  const results = [losses, ...[up, down, head, features(images)].map((t) => [...t.dataSync()])]
  const { split } = backend.stats()
  tf.disposeVariables()
  return { results, split }
}

describe('the option splitBatch', () => {
  it('changes who computes a training step and a forward pass, not what comes out', async () => {
    const together = await train({ threads: 2, splitBatch: false })
    const apart = await train({ threads: 2, splitBatch: true })
    expect(together.split).toBe(0)
    expect(apart.split).toBeGreaterThanOrEqual(2)
    apart.results.forEach((values, i) => {
      const worst = values.map((v, j) => Math.abs(v - together.results[i]![j]!) / (1 + Math.abs(v)))
      expect(Math.max(...worst)).toBeLessThan(1e-4)
    })
  })

  it('gives the same bits every time', async () => {
    const [one, other] = [await train({ threads: 2 }), await train({ threads: 2 })]
    expect(one.results).toEqual(other.results)
  })

  it('does not apply to one thread, nor to a device without threads', async () => {
    expect((await train({ threads: 1 })).split).toBe(0)
    expect((await train({ threads: 2, worker: false })).split).toBe(0)
  })
})
