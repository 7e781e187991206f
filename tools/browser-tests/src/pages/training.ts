import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-core/dist/register_all_gradients.js'
import { configureOnnx, gelu, layerNorm, onnxBackend, scaledDotProductAttention } from '@pilotjs/tfjs-backend-onnx'

// A page that trains a little, for tests of bundlers. Nothing in it knows how it was bundled.

/** What the page computed and where. */
export interface Report {
  losses: number[]
  provider: string
  threads: number
  synchronousRead: string
}

/** Three steps of Adam on a layer of attention, from numbers that do not depend on chance. */
async function train(options: Parameters<typeof configureOnnx>[0]): Promise<Report> {
  configureOnnx(options)
  await tf.setBackend('onnx')
  const wave = (shape: number[], by: number) =>
    tf.tidy(() => tf.reshape(tf.sin(tf.mul(tf.range(0, tf.util.sizeFromShape(shape)), by)), shape))
  const x = wave([4, 16, 32], 0.37)
  const weights = tf.variable(tf.mul(wave([32, 32], 0.73), 0.2)) as tf.Variable<tf.Rank.R2>
  const optimizer = tf.train.adam(0.01)
  const loss = () => {
    const rows = tf.reshape(layerNorm(x, tf.ones([32]), tf.zeros([32])), [64, 32]) as tf.Tensor2D
    const heads = tf.reshape(gelu(tf.matMul(rows, weights)), [4, 2, 16, 16])
    return tf.mean(tf.square(tf.sub(scaledDotProductAttention(heads, heads, heads), 0.5))) as tf.Scalar
  }
  const losses: number[] = []
  for (let step = 0; step < 3; step++) {
    const value = optimizer.minimize(loss, true, [weights])!
    losses.push((await value.data())[0]!)
  }
  let synchronousRead = 'allowed'
  try {
    tf.add(weights, 1).dataSync()
  } catch (error) {
    synchronousRead = (error as { code: string }).code
  }
  const { provider } = onnxBackend().stats()
  return { losses, provider, threads: onnxBackend().options.threads, synchronousRead }
}

Object.assign(globalThis, { train })
