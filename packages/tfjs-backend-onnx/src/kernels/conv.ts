import type { OnnxBackend } from '../backend'
import { channelBlock } from '../device/channel-block'
import { emit, int64s, reshape } from '../graph/trace'
import { type Value, sameShape } from '../graph/value'
import { isOnCpu } from '../options'
import { convolveInBlocks, inputGradientInBlocks, isBlocked, isSmall } from './conv-blocked'
import {
  type ConvAttributes,
  type ConvInfo,
  channelsFirst,
  channelsLast,
  convAttributes,
  convInfo,
  filterChannelsFirst,
  isMapped,
  isPointwise,
  isTapwise,
  pixelsOf,
} from './conv-info'
import { convolveByTaps, filterGradientByTaps, inputGradientByTaps, reversedPadding } from './conv-taps'
import { defineKernel } from './define'
import { filterGradientInBlocks, groupsOf } from './filter-gradient'
import { activate, matmul } from './matmul'
import { transpose } from './shape'
import { convolveByWinograd, filterGradientByWinograd, inputGradientByWinograd, isWinograd } from './winograd'

type Shape4 = [number, number, number, number]

const hasUnitStride = (c: ConvInfo) => c.strideHeight === 1 && c.strideWidth === 1

/** The pixels that a 1×1 convolution meets. */
function everyFewPixels(x: Value, c: ConvInfo): Value {
  if (hasUnitStride(c)) return x
  const shape = [c.batchSize, c.outHeight, c.outWidth, c.inChannels]
  const steps = int64s([c.strideHeight, c.strideWidth])
  return emit('Slice', [x, int64s([0, 0]), int64s([c.inHeight, c.inWidth]), int64s([1, 2]), steps], shape, 'float32')
}

/** Puts pixels back to where `everyFewPixels` took them from, with zeros between them. */
function spreadPixels(x: Value, c: ConvInfo): Value {
  if (hasUnitStride(c)) return x
  const { batchSize, outHeight, outWidth, inChannels, strideHeight, strideWidth } = c
  const pixels = reshape(x, [batchSize, outHeight, 1, outWidth, 1, inChannels])
  const pads = int64s([0, 0, 0, 0, 0, 0, 0, 0, strideHeight - 1, 0, strideWidth - 1, 0])
  const apart = [batchSize, outHeight, strideHeight, outWidth, strideWidth, inChannels]
  const whole = [batchSize, outHeight * strideHeight, outWidth * strideWidth, inChannels]
  const spread = reshape(emit('Pad', [pixels, pads], apart, 'float32'), whole)
  if (sameShape(whole, c.inShape)) return spread
  const bounds = [int64s([0, 0]), int64s([c.inHeight, c.inWidth]), int64s([1, 2])]
  return emit('Slice', [spread, ...bounds], c.inShape, 'float32')
}

function conv2d(x: Value, filter: Value, c: ConvInfo): Value {
  if (isPointwise(c)) {
    const product = matmul(pixelsOf(everyFewPixels(x, c)), reshape(filter, [c.inChannels, c.outChannels]))
    return reshape(product, c.outShape)
  }
  if (isTapwise(c)) return convolveByTaps(x, filter, c)
  const shape = [c.batchSize, c.outChannels, c.outHeight, c.outWidth]
  return channelsLast(
    emit('Conv', [channelsFirst(x), filterChannelsFirst(filter)], shape, 'float32', convAttributes(c)),
  )
}

/** The block of channels that a convolution and its gradients can work with, or null. */
function blockFor(c: ConvInfo, backend: OnnxBackend): number | null {
  const block = isPointwise(c) ? null : channelBlock(backend.options.executionProviders)
  return isBlocked(c, block) ? block : null
}

/**
 * Whether a convolution is left to `conv2d` although it could run on blocks of channels. Where a filter is constant ONNX Runtime sees
 * to the blocks, and keeps what lies between two convolutions in them as well: a frozen ResNet-18 took 6 to 12 % less time.
 */
const isBetterPlain = (filter: Value, c: ConvInfo): boolean =>
  isTapwise(c) ? isSmall(c) : filter.storage !== null && filter.storage.isFrozen

/** Whether a convolution is computed by Winograd's method; one by a constant filter is left to ONNX Runtime, see `isBetterPlain`. */
const isInFewerProducts = (c: ConvInfo, filter: Value | null, { options }: OnnxBackend): boolean =>
  options.winograd && isOnCpu(options) && !(filter?.storage?.isFrozen ?? false) && isWinograd(c)

defineKernel<{ x: Value; filter: Value }, ConvAttributes>('Conv2D', ({ x, filter }, attributes, backend) => {
  if (!isMapped(x, attributes)) return null
  const c = convInfo(x.shape, filter.shape, attributes)
  if (isInFewerProducts(c, filter, backend)) return convolveByWinograd(x, filter, c)
  const block = blockFor(c, backend)
  if (block === null || isBetterPlain(filter, c)) return conv2d(x, filter, c)
  return convolveInBlocks(x, filter, c, block)
})

defineKernel<
  { x: Value; filter: Value; bias?: Value; preluActivationWeights?: Value },
  ConvAttributes & { activation: string; leakyreluAlpha?: number }
>('FusedConv2D', (inputs, attributes, backend) => {
  const { x, filter, bias } = inputs
  if (!isMapped(x, attributes)) return null
  const c = convInfo(x.shape, filter.shape, attributes)
  const block = blockFor(c, backend)
  const isFewer = isInFewerProducts(c, filter, backend)
  // The operator adds one number a channel.
  if (!isFewer && block !== null && !isBetterPlain(filter, c) && (bias === undefined || bias.size === c.outChannels)) {
    const relu = attributes.activation === 'relu'
    const fused = { relu, ...(bias && { bias: reshape(bias, [c.outChannels]) }) }
    const result = convolveInBlocks(x, filter, c, block, fused)
    return relu ? result : activate(result, inputs, attributes)
  }
  const result = isFewer ? convolveByWinograd(x, filter, c) : conv2d(x, filter, c)
  return activate(bias ? emit('Add', [result, bias], result.shape, 'float32') : result, inputs, attributes)
})

defineKernel<{ x: Value; filter: Value }, ConvAttributes>('DepthwiseConv2dNative', ({ x, filter }, attributes) => {
  if (!isMapped(x, attributes)) return null
  const c = convInfo(x.shape, filter.shape, attributes, true)
  const [height, width, channels, multiplier] = filter.shape as Shape4
  const grouped = reshape(transpose(filter, [2, 3, 0, 1]), [channels * multiplier, 1, height, width])
  const shape = [c.batchSize, c.outChannels, c.outHeight, c.outWidth]
  const conv = { ...convAttributes(c), group: channels }
  return channelsLast(emit('Conv', [channelsFirst(x), grouped], shape, 'float32', conv))
})

/** The filter's taps in reverse, as [in, out, height, width]: the filter of the gradient by the input. */
function reversedFilter(filter: Value): Value {
  const [height, width, inputs, outputs] = filter.shape as Shape4
  const both = (n: number) => int64s([n, n])
  const reversed = emit(
    'Slice',
    [filter, both(-1), both(-(2 ** 31)), int64s([0, 1]), both(-1)],
    filter.shape,
    'float32',
  )
  const turned = transpose(reshape(reversed, [height * width, inputs * outputs]), [1, 0])
  return reshape(turned, [inputs, outputs, height, width])
}

/** Any stride; slower than a convolution. */
function transposedConvolution(dy: Value, filter: Value, c: ConvInfo): Value | null {
  const { top, bottom, left, right } = c.padInfo
  const spanned = (out: number, stride: number, size: number, dilation: number) =>
    (out - 1) * stride + (size - 1) * dilation + 1
  // Rows and columns of the input that no window reached.
  const height = c.inHeight + top + bottom - spanned(c.outHeight, c.strideHeight, c.filterHeight, c.dilationHeight)
  const width = c.inWidth + left + right - spanned(c.outWidth, c.strideWidth, c.filterWidth, c.dilationWidth)
  if (height < 0 || width < 0) return null
  const shape = [c.batchSize, c.inChannels, c.inHeight, c.inWidth]
  const attributes = { ...convAttributes(c), output_padding: [height, width] }
  return channelsLast(
    emit('ConvTranspose', [channelsFirst(dy), filterChannelsFirst(filter)], shape, 'float32', attributes),
  )
}

defineKernel<{ dy: Value; filter: Value }, ConvAttributes & { inputShape: Shape4 }>(
  'Conv2DBackpropInput',
  ({ dy, filter }, attributes, backend) => {
    if (!isMapped(dy, attributes)) return null
    const c = convInfo(attributes.inputShape, filter.shape, attributes)
    // tfjs does not insist on a gradient of the shape that the other attributes imply.
    if (!sameShape(dy.shape, c.outShape)) return null
    if (isPointwise(c)) {
      const weights = reshape(filter, [c.inChannels, c.outChannels])
      const product = matmul(pixelsOf(dy), weights, { transposeB: true })
      return spreadPixels(reshape(product, [c.batchSize, c.outHeight, c.outWidth, c.inChannels]), c)
    }
    if (isInFewerProducts(c, filter, backend)) return inputGradientByWinograd(dy, filter, c)
    const block = blockFor(c, backend)
    if (block !== null && !(hasUnitStride(c) && isBetterPlain(filter, c))) {
      const gradient = inputGradientInBlocks(dy, filter, c, block)
      if (gradient !== null) return gradient
    }
    const padding = reversedPadding(c)
    if (padding === undefined) return transposedConvolution(dy, filter, c)
    if (isTapwise(c)) return inputGradientByTaps(dy, filter, c)
    const { top, left, bottom, right } = padding
    const shape = [c.batchSize, c.inChannels, c.inHeight, c.inWidth]
    const conv = { ...convAttributes(c), pads: [top, left, bottom, right] }
    return channelsLast(emit('Conv', [channelsFirst(dy), reversedFilter(filter)], shape, 'float32', conv))
  },
)

defineKernel<{ x: Value; dy: Value }, ConvAttributes & { filterShape: Shape4 }>(
  'Conv2DBackpropFilter',
  ({ x, dy }, attributes, backend) => {
    if (!isMapped(x, attributes)) return null
    const c = convInfo(x.shape, attributes.filterShape, attributes)
    if (!sameShape(dy.shape, c.outShape)) return null
    if (isInFewerProducts(c, null, backend)) return filterGradientByWinograd(x, dy, c)
    const block = channelBlock(backend.options.executionProviders)
    const groups = block === null ? null : groupsOf(c, block)
    return groups === null ? filterGradientByTaps(x, dy, c) : filterGradientInBlocks(x, dy, c, block!, groups)
  },
)
