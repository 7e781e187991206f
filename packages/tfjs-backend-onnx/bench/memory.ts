import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import * as tf from '@tensorflow/tfjs'
import { configureOnnx, flush, onnxBackend } from '../src/index'
import { vitB, vitInTfjs, vitInput } from './vit'

// Memory and CPU time of passes of a ViT-B, in a process of its own (Linux): node bench/run.mjs memory
// --pass forward|int8|step|loop --batch N --constants MB. A loop is a forward pass and a step by turns, as methods that choose
// prompts by the image have it.

const { values: options } = parseArgs({
  options: {
    pass: { type: 'string', default: 'forward' },
    batch: { type: 'string', default: '16' },
    /** Other batches after it, as a last, smaller one is. */
    then: { type: 'string', default: '' },
    passes: { type: 'string', default: '3' },
    blocks: { type: 'string', default: '12' },
    threads: { type: 'string' },
    inline: { type: 'boolean', default: false },
    tiling: { type: 'string' },
    /** MiB of frozen tensors that a program may hold as constants. */
    constants: { type: 'string' },
  },
})
configureOnnx({
  ...(options.threads && { threads: Number(options.threads) }),
  worker: !options.inline,
  ...(options.tiling && { tiling: options.tiling === 'on' }),
  ...(options.constants && { constantBytes: Number(options.constants) * 2 ** 20 }),
})
await tf.setBackend('onnx')

const megabytes = (field: string) =>
  Math.round(Number(new RegExp(`${field}:\\s*(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))![1]) / 1024)
const cpuMs = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

const size = { ...vitB, blocks: Number(options.blocks) }
const { features, featuresInInt8, logits, variables, classes } = vitInTfjs(size, options.pass === 'int8')
const optimizer = tf.train.adam(1e-3)

function imagesOf(batch: number): tf.Tensor {
  const { data, shape } = vitInput(vitB, batch)
  return tf.tensor(data, shape)
}

function pass(images: tf.Tensor): void {
  const [batch] = images.shape as [number]
  if (options.pass === 'loop') {
    const query = tf.tidy(() => features(images, false))
    query.dataSync()
    query.dispose()
  }
  const result = tf.tidy(() => {
    if (options.pass === 'forward') return features(images, false)
    if (options.pass === 'int8') return featuresInInt8(images)
    const labels = tf.oneHot(
      tf.tensor1d(
        Array.from({ length: batch }, (_, i) => i % classes),
        'int32',
      ),
      classes,
    )
    return optimizer.minimize(() => tf.losses.softmaxCrossEntropy(labels, logits(images)), true, variables)!
  })
  result.dataSync()
  result.dispose()
}

const batches = [options.batch, ...options.then.split(',').filter(Boolean)].map(Number)
flush()
globalThis.gc?.()
/** The peak is from here on. */
const resetPeak = () => writeFileSync('/proc/self/clear_refs', '5')
const start = megabytes('VmRSS')
const peaks: number[] = []
let cpu = 0
for (const batch of batches) {
  const images = imagesOf(batch)
  flush()
  for (let i = 0; i < Number(options.passes); i++) {
    const before = cpuMs()
    resetPeak()
    pass(images)
    peaks.push(megabytes('VmHWM'))
    cpu = (cpuMs() - before) / batch
  }
  images.dispose()
}
const { builds, split } = onnxBackend().stats()
console.log(
  JSON.stringify({
    row: `ViT-B/16, 224 px: ${options.pass}`,
    engine: 'tfjs-backend-onnx',
    batches,
    'start MB': start,
    'peak MB': Math.max(...peaks),
    'peak MB of each pass': peaks,
    'end MB': megabytes('VmRSS'),
    'CPU ms/image': Math.round(cpu),
    builds,
    split,
  }),
)
process.exit(0)
