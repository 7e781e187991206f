import { backend_util } from '@tensorflow/tfjs-core'
import { emit, int64s, reshape } from '../graph/trace'
import { type Attributes, type Value, sameShape } from '../graph/value'
import { activate, matmul } from './matmul'
import { defineKernel } from './define'
import { transpose } from './shape'

type Padding = 'valid' | 'same' | number | [[number, number], [number, number], [number, number], [number, number]]

export interface ConvAttributes {
  strides: [number, number] | number
  pad: Padding
  dilations?: [number, number] | number
  dataFormat?: 'NHWC' | 'NCHW'
  dimRoundingMode?: 'floor' | 'round' | 'ceil'
}

type Info = ReturnType<typeof backend_util.computeConv2DInfo>

function convInfo(input: readonly number[], filter: readonly number[], a: ConvAttributes, depthwise = false): Info {
  return backend_util.computeConv2DInfo(
    [...input] as [number, number, number, number],
    [...filter] as [number, number, number, number],
    a.strides,
    a.dilations ?? 1,
    a.pad as 'same',
    a.dimRoundingMode,
    depthwise,
    backend_util.convertConv2DDataFormat(a.dataFormat ?? 'NHWC'),
  )
}

/** tfjs has channels last, ONNX has them first. */
export const channelsFirst = (v: Value): Value => transpose(v, [0, 3, 1, 2])
export const channelsLast = (v: Value): Value => transpose(v, [0, 2, 3, 1])
const filterChannelsFirst = (v: Value): Value => transpose(v, [3, 2, 0, 1])

type WindowInfo = Pick<Info, 'padInfo' | 'filterHeight' | 'filterWidth' | 'strideHeight' | 'strideWidth'>
export const windowAttributes = (c: WindowInfo): Attributes => ({
  kernel_shape: [c.filterHeight, c.filterWidth],
  strides: [c.strideHeight, c.strideWidth],
  pads: [c.padInfo.top, c.padInfo.left, c.padInfo.bottom, c.padInfo.right],
})
const convAttributes = (c: Info): Attributes => ({
  ...windowAttributes(c),
  dilations: [c.dilationHeight, c.dilationWidth],
})

function convolve(x: Value, filter: Value, c: Info): Value {
  const shape = [c.batchSize, c.outChannels, c.outHeight, c.outWidth]
  return channelsLast(
    emit('Conv', [channelsFirst(x), filterChannelsFirst(filter)], shape, 'float32', convAttributes(c)),
  )
}

/** A 1×1 convolution with stride 1 is a matrix product on the pixels. */
const isPointwise = (c: Info) =>
  c.filterHeight === 1 &&
  c.filterWidth === 1 &&
  c.strideHeight === 1 &&
  c.strideWidth === 1 &&
  c.padInfo.top + c.padInfo.left + c.padInfo.bottom + c.padInfo.right === 0

const isMapped = (x: Value, a: ConvAttributes) => a.dataFormat !== 'NCHW' && x.dtype === 'float32'

function conv2d(x: Value, filter: Value, attributes: ConvAttributes): Value {
  const c = convInfo(x.shape, filter.shape, attributes)
  if (!isPointwise(c)) return convolve(x, filter, c)
  const pixels = reshape(x, [c.batchSize * c.inHeight * c.inWidth, c.inChannels])
  return reshape(matmul(pixels, reshape(filter, [c.inChannels, c.outChannels])), c.outShape)
}

defineKernel<{ x: Value; filter: Value }, ConvAttributes>('Conv2D', ({ x, filter }, attributes) =>
  isMapped(x, attributes) ? conv2d(x, filter, attributes) : null,
)

defineKernel<
  { x: Value; filter: Value; bias?: Value; preluActivationWeights?: Value },
  ConvAttributes & { activation: string; leakyreluAlpha?: number }
>('FusedConv2D', (inputs, attributes) => {
  const { x, filter, bias } = inputs
  if (!isMapped(x, attributes)) return null
  const result = conv2d(x, filter, attributes)
  return activate(bias ? emit('Add', [result, bias], result.shape, 'float32') : result, inputs, attributes)
})

defineKernel<{ x: Value; filter: Value }, ConvAttributes>('DepthwiseConv2dNative', ({ x, filter }, attributes) => {
  if (!isMapped(x, attributes)) return null
  const c = convInfo(x.shape, filter.shape, attributes, true)
  const [height, width, channels, multiplier] = filter.shape as [number, number, number, number]
  const grouped = reshape(transpose(filter, [2, 3, 0, 1]), [channels * multiplier, 1, height, width])
  const shape = [c.batchSize, c.outChannels, c.outHeight, c.outWidth]
  const conv = { ...convAttributes(c), group: channels }
  return channelsLast(emit('Conv', [channelsFirst(x), grouped], shape, 'float32', conv))
})

defineKernel<{ dy: Value; filter: Value }, ConvAttributes & { inputShape: [number, number, number, number] }>(
  'Conv2DBackpropInput',
  ({ dy, filter }, attributes) => {
    if (!isMapped(dy, attributes)) return null
    const c = convInfo(attributes.inputShape, filter.shape, attributes)
    // tfjs does not insist on a gradient of the shape that the other attributes imply.
    if (!sameShape(dy.shape, c.outShape)) return null
    if (isPointwise(c)) {
      const pixels = reshape(dy, [c.batchSize * c.outHeight * c.outWidth, c.outChannels])
      const weights = reshape(filter, [c.inChannels, c.outChannels])
      return reshape(matmul(pixels, weights, { transposeB: true }), attributes.inputShape)
    }
    const { top, bottom, left, right } = c.padInfo
    const spanned = (out: number, stride: number, size: number, dilation: number) =>
      (out - 1) * stride + (size - 1) * dilation + 1
    const height = spanned(c.outHeight, c.strideHeight, c.filterHeight, c.dilationHeight) - top - bottom
    const width = spanned(c.outWidth, c.strideWidth, c.filterWidth, c.dilationWidth) - left - right
    // Rows and columns of the input that no window reached.
    const rest = [c.inHeight - height, c.inWidth - width]
    if (rest[0]! < 0 || rest[1]! < 0) return null
    const shape = [c.batchSize, c.inChannels, c.inHeight, c.inWidth]
    return channelsLast(
      emit('ConvTranspose', [channelsFirst(dy), filterChannelsFirst(filter)], shape, 'float32', {
        ...convAttributes(c),
        output_padding: rest as [number, number],
      }),
    )
  },
)

defineKernel<{ x: Value; dy: Value }, ConvAttributes & { filterShape: [number, number, number, number] }>(
  'Conv2DBackpropFilter',
  ({ x, dy }, attributes) => {
    if (!isMapped(x, attributes)) return null
    const c = convInfo(x.shape, attributes.filterShape, attributes)
    const pixels = c.batchSize * c.outHeight * c.outWidth
    const gradient = reshape(dy, [pixels, c.outChannels])
    const product = (taps: Value) => matmul(taps, gradient, { transposeA: true })
    if (isPointwise(c)) return reshape(product(reshape(x, [pixels, c.inChannels])), attributes.filterShape)
    const columns = patches(x, c)
    return reshape(product(columns), attributes.filterShape)
  },
)

/** Every window's pixels as a row: [batch·height·width, filterHeight·filterWidth·channels]. */
function patches(x: Value, c: Info): Value {
  const { top, bottom, left, right } = c.padInfo
  const padded =
    top + bottom + left + right === 0
      ? x
      : emit(
          'Pad',
          [x, int64s([0, top, left, 0, 0, bottom, right, 0])],
          [c.batchSize, c.inHeight + top + bottom, c.inWidth + left + right, c.inChannels],
          'float32',
        )
  const pixels = c.batchSize * c.outHeight * c.outWidth
  const taps: Value[] = []
  for (let row = 0; row < c.filterHeight; row++) {
    for (let column = 0; column < c.filterWidth; column++) {
      const begin = [row * c.dilationHeight, column * c.dilationWidth]
      const end = [begin[0]! + (c.outHeight - 1) * c.strideHeight + 1, begin[1]! + (c.outWidth - 1) * c.strideWidth + 1]
      const inputs = [padded, int64s(begin), int64s(end), int64s([1, 2]), int64s([c.strideHeight, c.strideWidth])]
      const shape = [c.batchSize, c.outHeight, c.outWidth, c.inChannels]
      taps.push(reshape(emit('Slice', inputs, shape, 'float32'), [pixels, c.inChannels]))
    }
  }
  const shape = [pixels, taps.length * c.inChannels]
  return taps.length === 1 ? taps[0]! : emit('Concat', taps, shape, 'float32', { axis: 1 })
}
