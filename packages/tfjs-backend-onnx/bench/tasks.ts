import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import * as tf from '@tensorflow/tfjs'
import { flush, onnxBackend } from '../src/index'

// A head that grows by a class with every task, so that no shape of a task comes back: sessions, threads and memory must stay
// level.
//   node bench/run.mjs tasks [--tasks 30] [--steps 20]

const { values: options } = parseArgs({
  options: { tasks: { type: 'string', default: '30' }, steps: { type: 'string', default: '20' } },
})
const [tasks, steps] = [Number(options.tasks), Number(options.steps)]
const width = 1024

await tf.setBackend('onnx')
const normal = (shape: [number, number], seed: number) =>
  tf.randomNormal(shape, 0, 0.05, 'float32', seed) as tf.Tensor2D
const body = [0, 1, 2].map((i) => tf.variable(normal([width, width], i)))
let head = tf.variable(normal([width, 1], 9))

const features = (x: tf.Tensor2D) =>
  body.reduce<tf.Tensor2D>((hidden, w) => tf.relu(tf.matMul(hidden, w) as tf.Tensor2D), x)

function task(classes: number): void {
  const grown = tf.tidy(() => tf.variable(tf.concat([head, normal([width, 1], 100 + classes)], 1) as tf.Tensor2D))
  head.dispose()
  head = grown
  const optimizer = tf.train.momentum(1e-4, 0.9)
  for (let step = 0; step < steps; step++) {
    // the last batch of an epoch is smaller
    const batch = step % 5 === 4 ? 37 : 128
    tf.tidy(() => {
      const labels = tf.oneHot(tf.range(0, batch, 1, 'int32').mod(tf.scalar(classes, 'int32')), classes)
      const x = normal([batch, width], step)
      optimizer
        .minimize(() => tf.losses.softmaxCrossEntropy(labels, tf.matMul(features(x), head)), true, [...body, head])!
        .dataSync()
    })
  }
  optimizer.dispose()
  for (const batch of [256, 256, 19]) tf.tidy(() => tf.matMul(features(normal([batch, width], batch)), head).dataSync())
  flush()
}

const threads = () => Number(/Threads:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1])
for (let number = 1; number <= tasks; number++) {
  task(number + 1)
  if (number % 5 !== 0) continue
  globalThis.gc?.()
  const { sessions, sessionBytes, builds, evictions } = onnxBackend().stats()
  const mib = (bytes: number) => Math.round(bytes / 2 ** 20)
  const row = {
    task: number,
    rss: mib(process.memoryUsage().rss),
    threads: threads(),
    sessions,
    estimated: mib(sessionBytes),
  }
  console.log(JSON.stringify({ ...row, builds, evictions }))
}
