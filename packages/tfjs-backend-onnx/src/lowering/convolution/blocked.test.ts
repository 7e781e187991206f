import * as tf from '@tensorflow/tfjs'
import { afterAll, describe, expect, it } from 'vitest'
import { nchwc } from '../../graph/recorder'
import { flush, freeze, onnxBackend } from '../../index'
import { channelBlock } from '../../runtime/node/channel-block'

const block = channelBlock(['cpu'])

type Pad = 'same' | 'valid' | number | tf.backend_util.ExplicitPadding

interface Case {
  /** Batch, height, width. */
  images: [number, number, number]
  channels: [number, number]
  filter: [number, number]
  stride: number | [number, number]
  pad: Pad
  dilation?: number
  /** By default: where the channels are multiples of 16. */
  isBlocked?: boolean
}

const explicit = (top: number, bottom: number, left: number, right: number): Pad => [
  [0, 0],
  [top, bottom],
  [left, right],
  [0, 0],
]

const cases: Case[] = [
  ...([1, 2] as const).flatMap((stride) =>
    (['same', 'valid', 1, explicit(0, 2, 1, 0)] as Pad[]).flatMap((pad): Case[] => [
      { images: [1, 7, 9], channels: [16, 32], filter: [3, 3], stride, pad },
      { images: [3, 8, 5], channels: [32, 16], filter: [2, 2], stride, pad },
    ]),
  ),
  { images: [2, 6, 6], channels: [48, 32], filter: [3, 3], stride: 1, pad: 'same' },
  { images: [2, 6, 6], channels: [32, 48], filter: [3, 3], stride: 2, pad: 'same' },
  { images: [2, 7, 6], channels: [16, 16], filter: [1, 3], stride: 2, pad: 'valid' },
  { images: [2, 3, 2], channels: [16, 16], filter: [5, 5], stride: 1, pad: 'same' },
  { images: [2, 4, 3], channels: [16, 16], filter: [3, 3], stride: 1, pad: 4 },
  { images: [2, 5, 4], channels: [16, 16], filter: [3, 3], stride: 2, pad: 3 },
  { images: [2, 5, 4], channels: [16, 16], filter: [2, 2], stride: 2, pad: explicit(0, 5, 3, 4) },
  { images: [2, 11, 10], channels: [16, 16], filter: [7, 7], stride: 2, pad: 'same' },
  { images: [2, 11, 10], channels: [16, 16], filter: [4, 3], stride: 3, pad: 'valid' },
  { images: [2, 9, 8], channels: [16, 32], filter: [3, 2], stride: [2, 1], pad: 'same' },
  { images: [2, 7, 8], channels: [16, 16], filter: [1, 3], stride: 1, pad: 'same' },
  { images: [2, 8, 7], channels: [16, 16], filter: [1, 1], stride: 1, pad: 1 },
  { images: [2, 9, 8], channels: [16, 32], filter: [3, 3], stride: 1, pad: 'same', dilation: 2 },
  { images: [1, 9, 10], channels: [16, 16], filter: [2, 3], stride: 1, pad: 'valid', dilation: 3 },
  // fewer than in a block, as the first layer has
  { images: [3, 5, 4], channels: [3, 16], filter: [3, 3], stride: 1, pad: 'same' },
  { images: [2, 11, 10], channels: [1, 32], filter: [7, 7], stride: 2, pad: 'same' },
  { images: [2, 9, 8], channels: [4, 16], filter: [3, 3], stride: 1, pad: 'valid', dilation: 2 },
  // columns counted by the filter's height
  { images: [2, 6, 5], channels: [16, 16], filter: [3, 2], stride: 1, pad: 1 },
  { images: [2, 6, 5], channels: [16, 16], filter: [2, 3], stride: 2, pad: 1 },
  { images: [2, 6, 5], channels: [2, 3], filter: [3, 2], stride: 1, pad: 1, isBlocked: false },
  { images: [2, 6, 5], channels: [2, 3], filter: [2, 3], stride: 1, pad: 1, isBlocked: false },
  // more, but not a multiple
  { images: [2, 5, 4], channels: [20, 20], filter: [3, 3], stride: 2, pad: 'same', isBlocked: false },
  // so few pixels that a product per tap is quicker; not so the gradient by the input of a strided one
  { images: [1, 4, 4], channels: [256, 256], filter: [2, 2], stride: 1, pad: 'same', isBlocked: false },
  { images: [1, 6, 7], channels: [256, 256], filter: [2, 2], stride: 2, pad: 'same' },
  // matrix products
  { images: [2, 8, 7], channels: [16, 32], filter: [1, 1], stride: 2, pad: 'same', isBlocked: false },
  { images: [2, 8, 7], channels: [16, 32], filter: [1, 1], stride: [1, 3], pad: 'valid', isBlocked: false },
  { images: [2, 5, 4], channels: [16, 16], filter: [1, 1], stride: 1, pad: 'valid', isBlocked: false },
]

const name = ({ images, channels, filter, stride, pad, dilation = 1 }: Case): string =>
  `${filter.join('×')} ${channels.join('→')}, images ${images.join('×')}, stride ${stride}, pad ${String(pad)}, dilation ${dilation}`

/** Different numbers everywhere, so that none can take another's place. */
function numbers<R extends tf.Rank>(shape: tf.ShapeMap[R], seed: number): tf.Tensor<R> {
  const size = shape.reduce((a, b) => a * b, 1)
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => Math.sin(i * i * 0.37 + seed)),
    shape,
  )
}

/** What comes out, and which of our operations were recorded for it. */
async function outcome(
  backend: string,
  compute: () => tf.Tensor[],
): Promise<{ results: number[][]; domains: string[] }> {
  await tf.setBackend(backend)
  if (backend === 'onnx') flush() // what others recorded
  const tensors = tf.tidy(compute)
  const domains = backend === 'onnx' ? onnxBackend().recorder.pending.map(({ domain }) => domain) : []
  const results = tensors.map((t) => [...t.shape, ...t.dataSync()])
  tf.dispose(tensors)
  return { results, domains }
}

function compare(actual: number[][], expected: number[][]): void {
  expect(actual.map((r) => r.length)).toEqual(expected.map((r) => r.length))
  expected.forEach((values, i) => {
    const tolerance = 1e-5 * values.reduce((most, v) => Math.max(most, Math.abs(v)), 0)
    const deviation = values.reduce((most, v, j) => Math.max(most, Math.abs(v - actual[i]![j]!)), 0)
    expect(deviation).toBeLessThanOrEqual(tolerance)
  })
}

describe('convolutions on blocks of channels', () => {
  afterAll(() => tf.setBackend('onnx'))

  it.each(cases.map((c): [string, Case] => [name(c), c]))('%s', async (_, c) => {
    const { images, channels, filter, stride, pad, dilation = 1, isBlocked = true } = c
    const compute = () => {
      const x = numbers<tf.Rank.R4>([...images, channels[0]], 1)
      const w = numbers<tf.Rank.R4>([...filter, ...channels], 2)
      const run = (a: tf.Tensor, b: tf.Tensor) =>
        tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, stride, pad, 'NHWC', dilation)
      const y = run(x, w)
      if (dilation > 1) return [y] // tfjs has no gradients of these
      return [y, ...tf.grads((a, b) => run(a!, b!))([x, w], numbers(y.shape, 3))]
    }
    const expected = await outcome('cpu', compute)
    const { results, domains } = await outcome('onnx', compute)
    compare(results, expected.results)
    expect(domains.includes(nchwc)).toBe(isBlocked && block !== null)
  })

  it.each(['linear', 'relu', 'relu6', 'sigmoid'] as const)('with bias, and then %s', async (activation) => {
    const compute = () => {
      const x = numbers<tf.Rank.R4>([2, 6, 5, 16], 1)
      const filter = numbers<tf.Rank.R4>([3, 3, 16, 32], 2)
      const bias = numbers<tf.Rank.R1>([32], 3).mul(5)
      return [
        tf.fused.conv2d({ x, filter, strides: 1, pad: 'same', activation, bias }),
        tf.fused.conv2d({ x, filter, strides: 2, pad: 'valid', activation }),
        tf.fused.conv2d({ x, filter, strides: 1, pad: 'valid', activation, bias: tf.scalar(2) }),
      ]
    }
    compare((await outcome('onnx', compute)).results, (await outcome('cpu', compute)).results)
  })

  it('are left to ONNX Runtime where the filter is frozen', async () => {
    const x = () => numbers<tf.Rank.R4>([3, 9, 8, 16], 1)
    const filter = () => numbers<tf.Rank.R4>([3, 3, 16, 32], 2)
    const gradient = (w: tf.Tensor4D) => tf.grad((a) => tf.conv2d(a as tf.Tensor4D, w, 1, 'same'))(x())
    const expected = await outcome('cpu', () => [tf.conv2d(x(), filter(), 1, 'same'), gradient(filter())])
    await tf.setBackend('onnx')
    const frozen = filter()
    freeze(frozen)
    const { results, domains } = await outcome('onnx', () => [tf.conv2d(x(), frozen, 1, 'same'), gradient(frozen)])
    frozen.dispose()
    compare(results, expected.results)
    expect(domains).not.toContain(nchwc)
  })

  it('let what is no number through', async () => {
    await tf.setBackend('onnx')
    const x = tf.fill([1, 4, 4, 16], NaN) as tf.Tensor4D
    const filter = tf.ones([3, 3, 16, 16]) as tf.Tensor4D
    const y = tf.fused.conv2d({ x, filter, strides: 1, pad: 'same', activation: 'relu' })
    expect([...y.dataSync()].every(Number.isNaN)).toBe(true)
  })

  it('are made on the CPU alone', () => {
    expect(channelBlock(['cuda', 'cpu'])).toBeNull()
  })
})
