import { createRequire } from 'node:module'
import { parseArgs } from 'node:util'
import * as tf from '@tensorflow/tfjs'
import { configureOnnx, flush, onnxBackend, replayed } from '../src/index'
import { type Contender, type Timing, measure, middle } from './measure'
import { plainVit } from './plain-vit'
import { resnet18 } from './resnet'
import { type VitSize, uniform, vitB, vitInTfjs, vitInput, vitSmallImages, vitTiny } from './vit'

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '' },
    row: { type: 'string' },
    list: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '8' },
    json: { type: 'boolean', default: false },
    threads: { type: 'string' },
    batch: { type: 'string' },
    inline: { type: 'boolean', default: false },
    behind: { type: 'boolean', default: false },
    spinning: { type: 'boolean', default: false },
    tiling: { type: 'string' },
    'split-batch': { type: 'string' },
    constants: { type: 'string' },
    winograd: { type: 'string' },
    profile: { type: 'boolean', default: false },
  },
})
const threads = options.threads ? Number(options.threads) : undefined
configureOnnx({
  ...(threads && { threads }),
  worker: !options.inline,
  spinning: options.spinning,
  ...(options.tiling && { tiling: options.tiling === 'on' }),
  ...(options['split-batch'] && { splitBatch: options['split-batch'] === 'on' }),
  ...(options.constants && { constantBytes: Number(options.constants) * 2 ** 20 }),
  ...(options.winograd && { winograd: options.winograd === 'on' }),
  profile: options.profile,
})

/** Milliseconds an image. */
type Row = Timing & { row: string; batch: number }
const rows: Row[] = []

async function time(row: string, batch: number, contenders: Contender[]): Promise<void> {
  for (const timing of await measure(contenders, Number(options.seconds))) {
    const perImage = { min: timing.min / batch, median: timing.median / batch, cpu: timing.cpu / batch }
    rows.push({ ...timing, ...perImage, row, batch })
    if (options.json) continue
    const figures = Object.entries(perImage).map(([name, ms]) => `${name} ${ms.toFixed(2)}`)
    console.log(`${row.padEnd(44)} ${timing.engine.padEnd(18)} ${figures.join('  ')} ms/image (${timing.samples})`)
  }
}

const names: string[] = []
function wanted(row: string): boolean {
  names.push(row)
  if (options.list) return false
  if (options.row !== undefined) return row === options.row
  return options.rows === '' || options.rows.split(',').some((part) => row.includes(part))
}

interface PlainOrt {
  InferenceSession: {
    create(
      model: Uint8Array,
      options: object,
    ): Promise<{ run(feeds: object): Promise<unknown>; release(): Promise<void> }>
  }
  Tensor: new (dtype: string, data: Float32Array, shape: number[]) => unknown
}

async function forward(size: VitSize, batch: number): Promise<void> {
  const row = `${size.name}: forward`
  if (!wanted(row)) return
  const input = vitInput(size, batch)
  const { features, featuresInInt8 } = vitInTfjs(size, true)
  const images = tf.tensor(input.data, input.shape)
  const ort = createRequire(import.meta.url)('onnxruntime-node') as PlainOrt
  const session = await ort.InferenceSession.create(plainVit(size, batch), {
    intraOpNumThreads: onnxBackend().options.threads,
    extra: { session: { intra_op: { allow_spinning: options.spinning ? '1' : '0' } } },
  })
  const feeds = { images: new ort.Tensor('float32', input.data, input.shape) }
  await time(row, batch, [
    {
      engine: 'tfjs-backend-onnx',
      step() {
        const y = tf.tidy(() => features(images, false))
        y.dataSync()
        y.dispose()
      },
    },
    {
      engine: '  in eight bits',
      step() {
        const y = tf.tidy(() => featuresInInt8(images))
        y.dataSync()
        y.dispose()
      },
    },
    { engine: 'plain ONNX graph', step: () => session.run(feeds) },
  ])
  tf.disposeVariables()
  await session.release()
}

/**
 * Steps of Adam, recorded every time and replayed, in turn. Every loss is read at once, as a program does that prints it; or,
 * with the option `behind`, while the next step runs, as `train` of @pilotjs/core does.
 */
async function training(row: string, batch: number, loss: () => tf.Scalar, variables: tf.Variable[]): Promise<void> {
  const optimizer = tf.train.adam(1e-3)
  const minimize = () => optimizer.minimize(loss, true, variables)!
  let unread: tf.Scalar | undefined
  const contender = (engine: string, train: () => tf.Scalar) => {
    const tracing: number[] = []
    const step = () => {
      const start = performance.now()
      const value = train()
      flush()
      tracing.push(performance.now() - start)
      const read = options.behind ? unread : value
      unread = options.behind ? value : undefined
      read?.dataSync()
      read?.dispose()
    }
    return { engine, step, tracing }
  }
  // What made the inputs is not part of the first step, which would be another program.
  flush()
  const contenders = [contender('tfjs-backend-onnx', minimize), contender('  replayed', replayed(minimize))]
  await time(row, batch, contenders)
  const [recording, replaying] = contenders.map(({ tracing }) => `${middle(tracing).toFixed(1)} ms a step`)
  const { lastNodes } = onnxBackend().stats()
  if (!options.json) console.log(`    recording ${recording}, replaying ${replaying}, ${lastNodes} nodes`)
  unread?.dispose()
  optimizer.dispose()
}

async function adapterTraining(size: VitSize, batch: number): Promise<void> {
  const row = `${size.name}: adapter training step`
  if (!wanted(row)) return
  const input = vitInput(size, batch)
  const { logits, variables, classes } = vitInTfjs(size)
  const images = tf.tensor(input.data, input.shape)
  const labels = tf.oneHot(
    tf.tensor1d(
      Array.from({ length: batch }, (_, i) => i % classes),
      'int32',
    ),
    classes,
  )
  await training(row, batch, () => tf.losses.softmaxCrossEntropy(labels, logits(images)), variables)
  tf.disposeVariables()
}

async function resnetTraining(batch: number): Promise<void> {
  const row = 'ResNet-18, 32 px: training step'
  if (!wanted(row)) return
  const { logits, variables } = resnet18()
  const random = uniform(7)
  const images = tf.tensor4d(
    Float32Array.from({ length: batch * 32 * 32 * 3 }, () => random() * 3.4),
    [batch, 32, 32, 3],
  )
  const labels = tf.oneHot(
    tf.tensor1d(
      Array.from({ length: batch }, (_, i) => i % 10),
      'int32',
    ),
    10,
  )
  await training(row, batch, () => tf.losses.softmaxCrossEntropy(labels, logits(images)), variables)
  tf.disposeVariables()
}

await tf.setBackend('onnx')
const batchOr = (standard: number) => (options.batch ? Number(options.batch) : standard)
await forward(vitB, batchOr(4))
await forward(vitTiny, batchOr(8))
await forward(vitSmallImages, batchOr(64))
await adapterTraining(vitB, batchOr(8))
await adapterTraining(vitTiny, batchOr(16))
await adapterTraining(vitSmallImages, batchOr(64))
await resnetTraining(batchOr(64))
const { execution, builds, buildMs, fallbacks } = onnxBackend().stats()
const summary = { threads: onnxBackend().options.threads, node: process.version, execution, builds, buildMs, fallbacks }
if (options.list) console.log(JSON.stringify(names))
else if (options.json) console.log(JSON.stringify({ ...summary, rows }, null, 2))
else if (options.row === undefined) console.log(summary)
if (options.profile) onnxBackend().dispose()
