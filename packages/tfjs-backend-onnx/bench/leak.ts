import { parseArgs } from 'node:util'
import * as tf from '@tensorflow/tfjs'
import { flush, onnxBackend, replayed } from '../src/index'

// Many training steps of a small model: what the process holds must not grow.
//   node bench/run.mjs leak [--steps 10000] [--replay]

const { values: options } = parseArgs({
  options: { steps: { type: 'string', default: '10000' }, replay: { type: 'boolean', default: false } },
})
const steps = Number(options.steps)
const warm = Math.min(1000, steps / 10)

await tf.setBackend('onnx')
const weights = [
  tf.variable(tf.randomNormal([32, 64], 0, 0.1, 'float32', 1)),
  tf.variable(tf.randomNormal([64, 10], 0, 0.1, 'float32', 2)),
]
const optimizer = tf.train.adam(1e-3)
const minimize = (images: tf.Tensor, labels: tf.Tensor) =>
  optimizer.minimize(
    () => {
      const hidden = tf.relu(tf.matMul(images as tf.Tensor2D, weights[0] as tf.Tensor2D))
      return tf.losses.softmaxCrossEntropy(labels, tf.matMul(hidden, weights[1] as tf.Tensor2D))
    },
    true,
    weights,
  )!
const train = options.replay ? replayed(minimize) : minimize
const step = (seed: number) => {
  const images = tf.randomUniform([16, 32], -1, 1, 'float32', seed)
  const labels = tf.tidy(() => tf.oneHot(tf.randomUniform([16], 0, 10, 'int32', seed), 10))
  const loss = train(images, labels)
  flush()
  if (seed % 50 === 0) loss.dataSync()
  tf.dispose([images, labels, loss])
}
const state = () => {
  weights[0]!.dataSync()
  globalThis.gc?.()
  const { buffers, sessions } = onnxBackend().stats()
  return {
    rss: process.memoryUsage().rss,
    heapUsed: process.memoryUsage().heapUsed,
    tensors: tf.memory().numTensors,
    dataIds: onnxBackend().numDataIds(),
    buffers,
    sessions,
  }
}
/** Runs steps `from` … `to`; the state at the end, with the least resident memory of its last readings: V8's heap breathes. */
function run(from: number, to: number) {
  let rss = Infinity
  for (let i = from; i <= to; i++) {
    step(i)
    if (i > to - 250 && i % 50 === 0) rss = Math.min(rss, state().rss)
  }
  return { ...state(), rss }
}
const early = run(1, warm)
const late = run(warm + 1, steps)
const growth = (100 * (late.rss - early.rss)) / early.rss
const kept = (['tensors', 'dataIds', 'buffers', 'sessions'] as const).filter((key) => late[key] !== early[key])
console.log(JSON.stringify({ steps, warm, early, late, growthPercent: Number(growth.toFixed(2)) }, null, 2))
if (growth > 5 || kept.length > 0) {
  console.error(`Grown: resident memory by ${growth.toFixed(1)} %${kept.map((key) => `, ${key}`).join('')}`)
  process.exit(1)
}
