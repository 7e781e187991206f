import { type Recorder, nchwc } from '../../graph/recorder'
import type { Attributes, Value } from '../../graph/value'
import type { Target } from '../target'
import { transpose } from '../transpositions'
import { intoBlocks, planesIntoBlocks } from './channel-blocks'
import {
  type ConvGeometry,
  type ConvShapes,
  type Shape4,
  channelsFirst,
  convAttributes,
  hasUnitStride,
  isPointwise,
  isTapwise,
  reversedPadding,
} from './geometry'
import type { Epilogue, Forward, InputGradient } from './strategy'

// ONNX Runtime's convolution on blocks of channels: images are [batch, channels / block, height, width, block], filters
// [out / block, in / block, height, width, block in, block out]. It is the quickest that there is on a CPU, and what ONNX
// Runtime makes of a Conv whose filter is constant. While training no filter is: hence the same by hand.

/**
 * Whether a convolution can run on blocks of channels; images of fewer channels than a block has can be its input as they are.
 */
export const isBlocked = (c: ConvGeometry, block: number | null): block is number =>
  block !== null && (c.inChannels < block || c.inChannels % block === 0) && c.outChannels % block === 0

/**
 * Whether images are so small and filters so large that one product per tap is quicker: most pixels then lie at an edge, where
 * the operator takes them one by one, and the filter, which it reads for every row, does not fit the cache.
 */
export const isSmall = (c: ConvGeometry): boolean =>
  c.outHeight * c.outWidth <= 16 && c.inChannels * c.outChannels >= 2 ** 16

function outOfBlocks(g: Recorder, x: Value): Value {
  const [batch, channels, height, width] = x.shape as Shape4
  const shape = [batch, height, width, channels]
  return g.emit('ReorderOutput', [x], shape, 'float32', { channels_last: 1, channels }, nchwc)
}

/** A filter [height, width, in, out] in blocks. */
function filterInBlocks(g: Recorder, filter: Value, block: number): Value {
  const [height, width, inputs, outputs] = filter.shape as Shape4
  const within = Math.min(inputs, block)
  const parts = g.reshape(filter, [height * width, inputs / within, within, outputs / block, block])
  const order = inputs < block ? [3, 1, 2, 0, 4] : [3, 1, 0, 2, 4]
  return g.reshape(transpose(g, parts, order), [outputs, inputs, height, width])
}

/** The convolution of an image in blocks by a filter in blocks. */
function convolution(
  g: Recorder,
  x: Value,
  filter: Value,
  size: [number, number],
  attributes: Attributes,
  bias?: Value,
): Value {
  const [outputs, , ...taps] = filter.shape as Shape4
  const inputs = bias ? [x, filter, bias] : [x, filter]
  const shape = [x.shape[0]!, outputs, ...size]
  return g.emit('Conv', inputs, shape, 'float32', { kernel_shape: taps, ...attributes }, nchwc)
}

/** Convolution on blocks of channels. */
export function convolveInBlocks(
  g: Recorder,
  x: Value,
  filter: Value,
  c: ConvGeometry,
  block: number,
  { bias, relu }: Epilogue = {},
): Value {
  const attributes = { ...convAttributes(c), ...(relu && { activation: 'Relu' }) }
  return outOfBlocks(
    g,
    convolution(
      g,
      c.inChannels < block ? channelsFirst(g, x) : intoBlocks(g, x),
      filterInBlocks(g, filter, block),
      [c.outHeight, c.outWidth],
      attributes,
      bias,
    ),
  )
}

/**
 * Every `steps`th tap of a filter [height, width, in, out] from `first` on, in reverse and with in and out swapped, in blocks:
 * the filter of a gradient by the input.
 */
function turnedFilterInBlocks(
  g: Recorder,
  filter: Value,
  first: [number, number],
  steps: [number, number],
  block: number,
): Value {
  const [height, width, inputs, outputs] = filter.shape as Shape4
  const [rows, columns] = [count(height, first[0], steps[0]), count(width, first[1], steps[1])]
  const last = [first[0] + (rows - 1) * steps[0], first[1] + (columns - 1) * steps[1]]
  const bounds = [g.int64s(last), g.int64s([-(2 ** 31), -(2 ** 31)]), g.int64s([0, 1]), g.int64s(steps.map((n) => -n))]
  const taps = g.emit('Slice', [filter, ...bounds], [rows, columns, inputs, outputs], 'float32')
  // Within each block in and out are swapped as images are reordered, several times as fast as by a transposition of single
  // numbers.
  const asImages = g.reshape(taps, [(rows * columns * inputs) / block, block, outputs / block, block])
  const swapped = planesIntoBlocks(g, asImages)
  const parts = g.reshape(swapped, [rows * columns, inputs / block, outputs / block, block * block])
  return g.reshape(transpose(g, parts, [1, 2, 0, 3]), [inputs, outputs, rows, columns])
}

/** How many of 0, 1, ..., `size` − 1 are `first` and some steps more. */
const count = (size: number, first: number, step: number): number => Math.ceil((size - first) / step)

/** Gradient by the input on blocks of channels. */
export function inputGradientInBlocks(g: Recorder, dy: Value, filter: Value, c: ConvGeometry, block: number): Value {
  if (!hasUnitStride(c)) return stridedInputGradient(g, dy, filter, c, block)
  const { top, left, bottom, right } = reversedPadding(c)!
  const attributes = { ...convAttributes(c), pads: [top, left, bottom, right] }
  const turned = turnedFilterInBlocks(g, filter, [0, 0], [1, 1], block)
  return outOfBlocks(g, convolution(g, intoBlocks(g, dy), turned, [c.inHeight, c.inWidth], attributes))
}

/**
 * Whether the gradient by the input is a convolution on blocks; with a filter smaller than the stride there are pixels that no
 * tap meets.
 */
function isInputGradientBlocked(c: ConvGeometry, block: number): boolean {
  if (c.inChannels < block) return false
  if (hasUnitStride(c)) return reversedPadding(c) !== undefined
  const isDilated = c.dilationHeight > 1 || c.dilationWidth > 1
  return !isDilated && c.filterHeight >= c.strideHeight && c.filterWidth >= c.strideWidth
}

/**
 * The pixels of the padded input that are a stride apart have to do with the same taps of the filter: their gradient is a
 * convolution by these. There is one for every offset below the stride; their results are interleaved.
 */
function stridedInputGradient(g: Recorder, dy: Value, filter: Value, c: ConvGeometry, block: number): Value {
  const { strideHeight, strideWidth, inHeight, inWidth, inChannels, batchSize } = c
  const { top, left } = c.padInfo
  const height = Math.max(c.outHeight, Math.ceil((inHeight + top) / strideHeight))
  const width = Math.max(c.outWidth, Math.ceil((inWidth + left) / strideWidth))
  const blocked = intoBlocks(g, dy)
  const parts: Value[] = []
  for (let row = 0; row < strideHeight; row++) {
    for (let column = 0; column < strideWidth; column++) {
      const taps = turnedFilterInBlocks(g, filter, [row, column], [strideHeight, strideWidth], block)
      const before = [taps.shape[2]! - 1, taps.shape[3]! - 1]
      const pads = [...before, height - c.outHeight, width - c.outWidth]
      parts.push(convolution(g, blocked, taps, [height, width], { pads }))
    }
  }
  const stacked = g.emit('Concat', parts, [parts.length * batchSize, inChannels, height, width], 'float32', { axis: 0 })
  const shape = [strideHeight, strideWidth, batchSize, inChannels / block, height, width, block]
  const rows = transpose(g, g.reshape(stacked, shape), [2, 4, 0, 5, 1, 3, 6])
  const whole = g.reshape(rows, [batchSize, height * strideHeight, width * strideWidth, inChannels])
  if (whole.shape[1] === inHeight && whole.shape[2] === inWidth) return whole
  const bounds = [g.int64s([top, left]), g.int64s([top + inHeight, left + inWidth]), g.int64s([1, 2])]
  return g.emit('Slice', [whole, ...bounds], c.inShape, 'float32')
}

/** The block that a convolution and its gradients can work with, or null. */
function blockFor(c: ConvGeometry, { channelBlock }: Target): number | null {
  return !isPointwise(c) && isBlocked(c, channelBlock) ? channelBlock : null
}

/**
 * Whether a convolution is left to other forms although it could run on blocks of channels. Where a filter is constant ONNX
 * Runtime sees to the blocks, and keeps what lies between two convolutions in them as well: a frozen ResNet-18 took 6 to 12 %
 * less time.
 */
const isBetterPlain = (c: ConvShapes): boolean => (isTapwise(c) ? isSmall(c) : c.isFilterConstant)

export const blocked: Forward = {
  name: 'blocked',
  // The operator adds one number a channel.
  applies: (target, c) =>
    blockFor(c, target) !== null && !isBetterPlain(c) && (c.biasSize === 0 || c.biasSize === c.outChannels),
  hasEpilogue: true,
  record(g, { x, filter, bias, relu }, c, { channelBlock }) {
    const fused = { relu, ...(bias && { bias: g.reshape(bias, [c.outChannels]) }) }
    return convolveInBlocks(g, x, filter, c, channelBlock!, fused)
  },
}

export const blockedInputGradient: InputGradient = {
  name: 'blocked',
  applies(target, c) {
    const block = blockFor(c, target)
    return block !== null && !(hasUnitStride(c) && isBetterPlain(c)) && isInputGradientBlocked(c, block)
  },
  record: (g, { dy, filter }, c, { channelBlock }) => inputGradientInBlocks(g, dy, filter, c, channelBlock!),
}
