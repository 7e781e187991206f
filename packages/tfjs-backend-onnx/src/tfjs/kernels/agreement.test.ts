import * as tf from '@tensorflow/tfjs'
import { afterAll, describe, expect, it } from 'vitest'
import { onnxBackend } from '../../index'

type Case = [name: string, compute: () => tf.Tensor | tf.Tensor[]]

/** Everything about the tensors that a user can see, or the error that was raised. */
async function outcome(backend: string, compute: Case[1]): Promise<unknown> {
  await tf.setBackend(backend)
  try {
    const result = tf.tidy(() => compute() as tf.Tensor)
    const tensors = Array.isArray(result) ? (result as tf.Tensor[]) : [result]
    const seen = tensors.map((t) => ({ dtype: t.dtype, shape: t.shape, values: [...t.dataSync()] }))
    tf.dispose(tensors)
    return seen
  } catch (error) {
    return (error as Error).message
  }
}

function compare(actual: unknown, expected: unknown): void {
  if (typeof expected === 'string') return expect(actual).toBe(expected)
  const got = actual as { dtype: string; shape: number[]; values: number[] }[]
  const want = expected as typeof got
  expect(Array.isArray(got), String(actual)).toBe(true)
  expect(got.map(({ dtype, shape }) => ({ dtype, shape }))).toEqual(want.map(({ dtype, shape }) => ({ dtype, shape })))
  want.forEach(({ values }, i) => {
    const tolerance = 1e-5 * values.reduce((m, v) => (Number.isFinite(v) ? Math.max(m, Math.abs(v)) : m), 1)
    values.forEach((value, j) => {
      const other = got[i]!.values[j]!
      if (Number.isFinite(value)) expect(Math.abs(other - value)).toBeLessThanOrEqual(tolerance)
      else expect(other).toBe(value)
    })
  })
}

const odd = () =>
  tf.tensor2d([
    [1, -2.5, NaN],
    [0, 3.5, -Infinity],
  ])
const ints = () => tf.tensor1d([7, -7, 3, 0], 'int32')
const bools = () => tf.tensor1d([true, false, true], 'bool')
const int = (n: number) => tf.scalar(n, 'int32')
const ramp = (...shape: number[]) =>
  tf
    .sin(
      tf.range(
        0,
        shape.reduce((a, b) => a * b, 1),
      ),
    )
    .reshape(shape)
const rows = () =>
  tf.tensor2d([
    [1, 2],
    [3, 4],
    [5, 6],
  ])

const cases: Case[] = [
  ['integer addition', () => ints().add(int(2))],
  [
    'integer overflow',
    () => [int(2 ** 31 - 1).add(int(1)), int(65537).mul(int(65537)), int(2 ** 31 - 1).mul(int(2 ** 31 - 1))],
  ],
  ['integer division', () => [ints().div(int(2)), ints().div(int(0)), ints().floorDiv(int(2))]],
  ['integer remainder', () => [ints().mod(int(3)), ints().mod(int(-3)), ints().mod(int(0))]],
  ['float remainder', () => tf.tensor1d([7.5, -7.5, 7.5, -7.5]).mod(tf.tensor1d([2, 2, -2, -2]))],
  ['integer power', () => tf.pow(int(2), int(5))],
  ['boolean conversions', () => [bools().cast('float32'), odd().cast('bool'), bools().sum()]],
  ['float to integer', () => tf.tensor1d([1.7, -1.7, 2.5, NaN, Infinity, 3e9, -3e9]).toInt()],
  ['mixed types', () => ints().mul(0.5)],
  ['negative zero', () => tf.div(1, tf.tensor1d([0, -0]).mul(tf.scalar(1)))],
  ['relu of NaN', () => tf.relu(odd())],
  ['step of NaN', () => tf.step(odd())],
  ['maximum over NaN', () => [odd().max(1), odd().min(0), odd().max()]],
  ['maximum with NaN', () => [tf.maximum(odd(), 0), tf.minimum(odd(), 0)]],
  ['clip of NaN', () => tf.clipByValue(odd(), -1, 1)],
  ['sign', () => [tf.sign(odd()), tf.sign(tf.tensor1d([-0, 2]))]],
  ['rounding', () => [tf.round(tf.tensor1d([0.5, 1.5, 2.5, -0.5])), tf.floor(odd()), tf.ceil(odd())]],
  ['tests of numbers', () => [odd().isNaN(), odd().isInf(), odd().isFinite()]],
  [
    'functions of reals',
    () => [
      tf.exp(odd()),
      tf.erf(odd()),
      tf.tanh(odd()),
      tf.sigmoid(odd()),
      tf.softplus(odd()),
      tf.expm1(odd()),
      tf.rsqrt(odd()),
      tf.log1p(tf.tensor1d([1e-20, -1e-6, 0, -0.5, 1, -1, -2, 1e20, Infinity, NaN])),
    ],
  ],
  [
    'arg max',
    () => [
      tf
        .tensor2d([
          [1, 3, 3],
          [5, 2, 5],
        ])
        .argMax(-1),
      rows().argMin(0),
    ],
  ],
  ['where', () => tf.where(tf.tensor1d([true, false], 'bool'), tf.ones([2, 3]), tf.zeros([2, 3]))],
  ['nothing plus one', () => tf.zeros([0, 3]).add(1)],
  ['nothing concatenated', () => tf.concat([tf.zeros([0, 3]), tf.ones([2, 3])], 0)],
  ['sum of nothing', () => [tf.zeros([0, 3]).sum(0), tf.matMul(tf.zeros([2, 0]), tf.zeros([0, 3]))]],
  ['integer matrix product', () => tf.matMul(rows().toInt(), rows().toInt(), false, true)],
  [
    'gather',
    () => [
      tf.gather(rows(), tf.tensor1d([2, 0], 'int32')),
      tf.gather(rows(), tf.tensor2d([[1], [0]], [2, 1], 'int32'), 1),
    ],
  ],
  [
    'gradient of gather',
    () =>
      tf.grad((v) =>
        tf
          .gather(v, tf.tensor1d([2, 0, 2], 'int32'))
          .square()
          .sum(),
      )(rows()),
  ],
  [
    'top k',
    () => {
      const { values, indices } = tf.topk(
        tf.tensor2d([
          [1, 3, 2],
          [5, 2, 9],
        ]),
        2,
      )
      return [values, indices]
    },
  ],
  [
    'reverse, tile, pad',
    () => [
      rows().reverse(1),
      tf.tile(ints(), [3]),
      tf.pad(
        rows(),
        [
          [1, 0],
          [0, 2],
        ],
        3,
      ),
    ],
  ],
  ['one-hot', () => tf.oneHot(tf.tensor1d([1, -1, 5], 'int32'), 3)],
  ['segments', () => tf.unsortedSegmentSum(rows(), tf.tensor1d([0, -1, 0], 'int32'), 2)],
  ['broadcast in rank 5', () => ramp(2, 1, 3, 1, 2).add(ramp(1, 4, 1, 2, 1))],
  ['rank 6', () => ramp(1, 2, 1, 3, 2, 2).add(1).reshape([4, 6])],
  ['softmax', () => [tf.softmax(ramp(2, 5)), tf.logSoftmax(ramp(2, 5)), tf.logSumExp(ramp(2, 5), 1)]],
  ['cumulative sum', () => [tf.cumsum(ramp(3, 4), 1, true), tf.cumsum(ramp(3, 4), 0, false, true)]],
  ['strided slice', () => tf.stridedSlice(tf.range(0, 10), [1], [9], [3])],
  ['mismatching shapes', () => tf.add(tf.ones([2, 3]), tf.ones([4, 5]))],
  ['mismatching matrices', () => tf.matMul(tf.ones([2, 3]), tf.ones([4, 5]))],
  ['fused product', () => tf.fused.matMul({ a: ramp(2, 3), b: ramp(3, 4), bias: ramp(4), activation: 'relu' })],
  [
    'batched products',
    () => [
      tf.matMul(ramp(2, 3, 4), ramp(2, 4, 5)),
      tf.matMul(ramp(2, 3, 4), ramp(2, 5, 4), false, true),
      tf.matMul(ramp(2, 4, 3), ramp(1, 4, 5), true),
    ],
  ],
  [
    'moments',
    () => {
      const { mean, variance } = tf.moments(ramp(3, 4, 5), [0, 1])
      return [mean, variance]
    },
  ],
  [
    'max pooling',
    () => [
      tf.maxPool(ramp(2, 7, 6, 3) as tf.Tensor4D, 3, 2, 'same'),
      tf.grad((x) => tf.maxPool(x as tf.Tensor4D, 3, 2, 'same').square())(ramp(2, 7, 6, 3) as tf.Tensor4D),
    ],
  ],
  [
    'average pooling',
    () => [
      tf.avgPool(ramp(2, 7, 6, 3) as tf.Tensor4D, 3, 2, 'same'),
      tf.grad((x) => tf.avgPool(x as tf.Tensor4D, 2, 2, 'valid').square())(ramp(2, 7, 6, 3) as tf.Tensor4D),
      tf.grad((x) => tf.avgPool(x as tf.Tensor4D, [2, 3], [2, 3], 'valid').square())(ramp(2, 8, 6, 3) as tf.Tensor4D),
      tf.grad((x) => tf.avgPool(x as tf.Tensor4D, [4, 6], 1, 'valid').square())(ramp(2, 4, 6, 3) as tf.Tensor4D),
      tf.grad((x) => tf.avgPool(x as tf.Tensor4D, 3, 2, 'same').square())(ramp(2, 7, 6, 3) as tf.Tensor4D),
      tf.grad((x) => tf.avgPool(x as tf.Tensor4D, 3, 1, 1).square())(ramp(1, 5, 6, 2) as tf.Tensor4D),
    ],
  ],
  ...(
    [
      ['few pixels and many channels', [1, 4, 4, 20], [3, 3, 20, 20], 1, 'same', 1],
      ['a dilated filter', [2, 9, 8, 3], [3, 2, 3, 4], 1, 'same', 2],
      ['a dilated filter on few pixels', [1, 6, 5, 20], [3, 3, 20, 20], 1, 'valid', 2],
      ['wide padding', [2, 5, 5, 3], [2, 2, 3, 4], 1, 3, 1],
      ['a stride that skips pixels', [1, 7, 7, 16], [1, 1, 16, 8], 3, 'valid', 1],
    ] as const
  ).map(([name, input, filter, stride, pad, dilation]): Case => [
    `convolution with ${name}`,
    () => {
      const [x, w] = [ramp(...input), ramp(...filter)] as [tf.Tensor4D, tf.Tensor4D]
      const run = (a: tf.Tensor, b: tf.Tensor) =>
        tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, stride, pad, 'NHWC', dilation)
      // tfjs has no gradients of dilated convolutions.
      return dilation > 1 ? run(x, w) : [run(x, w), ...tf.grads((a, b) => run(a!, b!).square())([x, w])]
    },
  ]),
  ...[1, 2].flatMap((stride) =>
    (['same', 'valid'] as const).map((pad): Case => [
      `convolution, stride ${stride}, ${pad}`,
      () => {
        const [x, w] = [ramp(2, 9, 8, 3), ramp(3, 3, 3, 4)] as [tf.Tensor4D, tf.Tensor4D]
        const run = (a: tf.Tensor4D, b: tf.Tensor4D) => tf.conv2d(a, b, stride, pad)
        return [run(x, w), ...tf.grads((a, b) => run(a as tf.Tensor4D, b as tf.Tensor4D).square())([x, w])]
      },
    ]),
  ),
  [
    'pointwise convolution',
    () => {
      const [x, w] = [ramp(2, 5, 4, 3), ramp(1, 1, 3, 4)] as [tf.Tensor4D, tf.Tensor4D]
      return tf.grads((a, b) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 1, 'valid').square())([x, w])
    },
  ],
  [
    'depthwise convolution',
    () => tf.depthwiseConv2d(ramp(2, 5, 4, 3) as tf.Tensor4D, ramp(3, 3, 3, 2) as tf.Tensor4D, 1, 'same'),
  ],
  ['batch normalisation', () => tf.batchNorm(ramp(2, 3, 4), tf.ones([4]), tf.ones([4]).mul(2), ramp(4), ramp(4))],
  ...(
    [
      ['the first axes', [40, 64, 64], [0, 1], false],
      ['the first axes, which stay', [4, 16, 64, 40], [0, 1, 2], true],
      ['a single axis', [4096, 48], [0], false],
      ['the first two of four axes', [16, 32, 8, 40], [0, 1], false],
      ['an odd number of rows', [1, 131 * 127, 9], [0, 1], false],
      ['axes in the middle', [2, 512, 160], [1], false],
    ] as const
  ).map(([name, shape, axes, keepDims]): Case => [
    `sums and means of many numbers over ${name}`,
    () => {
      const x = tf.reshape(
        tf.sin(
          tf
            .range(
              0,
              shape.reduce((a, b) => a * b, 1),
            )
            .mul(0.37),
        ),
        [...shape],
      )
      return [tf.sum(x, [...axes], keepDims).div(100), tf.mean(x, [...axes], keepDims)]
    },
  ]),
  [
    'axes in reverse, and groups of them',
    () => [
      tf.transpose(ramp(40, 30, 20), [2, 1, 0]),
      tf.transpose(ramp(20, 30, 40), [2, 1, 0]),
      tf.transpose(ramp(3, 3, 64, 48), [3, 2, 0, 1]),
      tf.transpose(ramp(64, 48, 3, 3), [2, 3, 1, 0]),
      tf.transpose(ramp(4, 5, 6, 7, 30), [3, 4, 2, 0, 1]),
      tf.transpose(ramp(4, 50, 6, 20), [2, 3, 0, 1]),
      tf.transpose(ramp(4, 50, 6, 20), [3, 2, 1, 0]),
      tf.transpose(ramp(3, 5, 2), [2, 1, 0]),
    ],
  ],
  [
    'gradients of statistics',
    () => {
      const spread = (x: tf.Tensor) => {
        const { mean, variance } = tf.moments(x, [0, 1])
        return tf.sum(tf.mul(tf.add(mean, variance), tf.tensor1d([1, 2, 3, 4])))
      }
      return [tf.grad(spread)(ramp(2, 3, 4)), tf.grad((x) => tf.square(tf.mean(x, 0, true)).sum())(ramp(3, 4))]
    },
  ],
  [
    'gradient of relu',
    () =>
      tf.grad((x) => tf.relu(x))(
        odd(),
        tf.tensor2d([
          [1, 2, 3],
          [4, 5, 6],
        ]),
      ),
  ],
  [
    'second gradients',
    () => {
      const squares = (x: tf.Tensor) => tf.sum(tf.square(tf.relu(tf.square(x))))
      return tf.grad((x) => tf.sum(tf.grad(squares)(x)))(ramp(2, 3))
    },
  ],
  [
    'operands that repeat others',
    () => {
      const [row, column] = [tf.tile(ramp(1, 4), [3, 1]), tf.tile(ramp(3, 1), [1, 4])]
      const twice = tf.tile(ramp(1, 4), [1, 2])
      return [
        row.add(column),
        row.mul(2),
        row.mul(2).sub(ramp(3, 4)),
        tf.mul(2, column).div(ramp(3, 4)),
        twice.mul(2).add(ramp(1, 8)),
        tf.broadcastTo(ramp(4), [3, 4]).add(ramp(3, 4)),
        tf.broadcastTo(ramp(1, 1), [3, 4]).mul(tf.scalar(3)),
      ]
    },
  ],
  [
    'losses',
    () => {
      const labels = tf.oneHot(tf.tensor1d([1, 3, 0], 'int32'), 5)
      const loss = (x: tf.Tensor) => tf.losses.softmaxCrossEntropy(labels, x) as tf.Scalar
      return [loss(ramp(3, 5)), tf.grad(loss)(ramp(3, 5))]
    },
  ],
]

describe('the ONNX backend computes what the CPU backend computes', () => {
  afterAll(() => tf.setBackend('onnx'))
  it.each(cases)('%s', async (_, compute) => {
    const expected = await outcome('cpu', compute)
    compare(await outcome('onnx', compute), expected)
  })

  it('leaves no tensor behind', async () => {
    await tf.setBackend('onnx')
    const tensors = tf.memory().numTensors
    const dataIds = onnxBackend().numDataIds()
    for (const [, compute] of cases) await outcome('onnx', compute)
    expect(tf.memory().numTensors).toBe(tensors)
    expect(onnxBackend().numDataIds()).toBe(dataIds)
  })
})
