import { emit, int64s, nchwc, reshape } from '../graph/trace'
import type { Attributes, Value } from '../graph/value'
import { intoBlocks, planesIntoBlocks } from './channel-blocks'
import { type ConvInfo, channelsFirst, convAttributes } from './conv-info'
import { reversedPadding } from './conv-taps'
import { transpose } from './shape'

// ONNX Runtime's convolution on blocks of channels: images are [batch, channels / block, height, width, block], filters
// [out / block, in / block, height, width, block in, block out]. It is the quickest that there is on a CPU, and what ONNX
// Runtime makes of a Conv whose filter is constant. While training no filter is: hence the same by hand.

type Shape4 = [number, number, number, number]

/** Whether a convolution can run on blocks of channels; images of fewer channels than a block has can be its input as they are. */
export const isBlocked = (c: ConvInfo, block: number | null): block is number =>
  block !== null && (c.inChannels < block || c.inChannels % block === 0) && c.outChannels % block === 0

/**
 * Whether images are so small and filters so large that one product per tap is quicker: most pixels then lie at an edge, where the
 * operator takes them one by one, and the filter, which it reads for every row, does not fit the cache.
 */
export const isSmall = (c: ConvInfo): boolean =>
  c.outHeight * c.outWidth <= 16 && c.inChannels * c.outChannels >= 2 ** 16

function outOfBlocks(x: Value): Value {
  const [batch, channels, height, width] = x.shape as Shape4
  const shape = [batch, height, width, channels]
  return emit('ReorderOutput', [x], shape, 'float32', { channels_last: 1, channels }, nchwc)
}

/** A filter [height, width, in, out] in blocks. */
function filterInBlocks(filter: Value, block: number): Value {
  const [height, width, inputs, outputs] = filter.shape as Shape4
  const within = Math.min(inputs, block)
  const parts = reshape(filter, [height * width, inputs / within, within, outputs / block, block])
  const order = inputs < block ? [3, 1, 2, 0, 4] : [3, 1, 0, 2, 4]
  return reshape(transpose(parts, order), [outputs, inputs, height, width])
}

/** The convolution of an image in blocks by a filter in blocks. */
function convolution(x: Value, filter: Value, size: [number, number], attributes: Attributes, bias?: Value): Value {
  const [outputs, , ...taps] = filter.shape as Shape4
  const inputs = bias ? [x, filter, bias] : [x, filter]
  const shape = [x.shape[0]!, outputs, ...size]
  return emit('Conv', inputs, shape, 'float32', { kernel_shape: taps, ...attributes }, nchwc)
}

/** What the operator adds to the result, and applies to the sum. */
export interface Epilogue {
  bias?: Value
  relu?: boolean
}

/** Convolution on blocks of channels. */
export function convolveInBlocks(
  x: Value,
  filter: Value,
  c: ConvInfo,
  block: number,
  { bias, relu }: Epilogue = {},
): Value {
  const attributes = { ...convAttributes(c), ...(relu && { activation: 'Relu' }) }
  return outOfBlocks(
    convolution(
      c.inChannels < block ? channelsFirst(x) : intoBlocks(x),
      filterInBlocks(filter, block),
      [c.outHeight, c.outWidth],
      attributes,
      bias,
    ),
  )
}

/**
 * Every `steps`th tap of a filter [height, width, in, out] from `first` on, in reverse and with in and out swapped, in blocks: the
 * filter of a gradient by the input.
 */
function turnedFilterInBlocks(filter: Value, first: [number, number], steps: [number, number], block: number): Value {
  const [height, width, inputs, outputs] = filter.shape as Shape4
  const [rows, columns] = [count(height, first[0], steps[0]), count(width, first[1], steps[1])]
  const last = [first[0] + (rows - 1) * steps[0], first[1] + (columns - 1) * steps[1]]
  const bounds = [int64s(last), int64s([-(2 ** 31), -(2 ** 31)]), int64s([0, 1]), int64s(steps.map((n) => -n))]
  const taps = emit('Slice', [filter, ...bounds], [rows, columns, inputs, outputs], 'float32')
  // Within each block in and out are swapped as images are reordered, several times as fast as by a transposition of single numbers.
  const asImages = reshape(taps, [(rows * columns * inputs) / block, block, outputs / block, block])
  const swapped = planesIntoBlocks(asImages)
  const parts = reshape(swapped, [rows * columns, inputs / block, outputs / block, block * block])
  return reshape(transpose(parts, [1, 2, 0, 3]), [inputs, outputs, rows, columns])
}

/** How many of 0, 1, ..., `size` − 1 are `first` and some steps more. */
const count = (size: number, first: number, step: number): number => Math.ceil((size - first) / step)

/** Gradient by the input on blocks of channels, or null where that is no convolution. */
export function inputGradientInBlocks(dy: Value, filter: Value, c: ConvInfo, block: number): Value | null {
  if (c.inChannels < block) return null
  if (c.strideHeight > 1 || c.strideWidth > 1) return stridedInputGradient(dy, filter, c, block)
  const padding = reversedPadding(c)
  if (padding === undefined) return null
  const { top, left, bottom, right } = padding
  const attributes = { ...convAttributes(c), pads: [top, left, bottom, right] }
  const turned = turnedFilterInBlocks(filter, [0, 0], [1, 1], block)
  return outOfBlocks(convolution(intoBlocks(dy), turned, [c.inHeight, c.inWidth], attributes))
}

/**
 * The pixels of the padded input that are a stride apart have to do with the same taps of the filter: their gradient is a
 * convolution by these. There is one for every offset below the stride; their results are interleaved.
 */
function stridedInputGradient(dy: Value, filter: Value, c: ConvInfo, block: number): Value | null {
  const { strideHeight, strideWidth, filterHeight, filterWidth, inHeight, inWidth, inChannels, batchSize } = c
  const { top, left } = c.padInfo
  const isDilated = c.dilationHeight > 1 || c.dilationWidth > 1
  // With a filter smaller than the stride there are pixels that no tap meets.
  if (isDilated || filterHeight < strideHeight || filterWidth < strideWidth) return null
  const height = Math.max(c.outHeight, Math.ceil((inHeight + top) / strideHeight))
  const width = Math.max(c.outWidth, Math.ceil((inWidth + left) / strideWidth))
  const blocked = intoBlocks(dy)
  const parts: Value[] = []
  for (let row = 0; row < strideHeight; row++) {
    for (let column = 0; column < strideWidth; column++) {
      const taps = turnedFilterInBlocks(filter, [row, column], [strideHeight, strideWidth], block)
      const before = [taps.shape[2]! - 1, taps.shape[3]! - 1]
      const pads = [...before, height - c.outHeight, width - c.outWidth]
      parts.push(convolution(blocked, taps, [height, width], { pads }))
    }
  }
  const stacked = emit('Concat', parts, [parts.length * batchSize, inChannels, height, width], 'float32', { axis: 0 })
  const shape = [strideHeight, strideWidth, batchSize, inChannels / block, height, width, block]
  const rows = transpose(reshape(stacked, shape), [2, 4, 0, 5, 1, 3, 6])
  const whole = reshape(rows, [batchSize, height * strideHeight, width * strideWidth, inChannels])
  if (whole.shape[1] === inHeight && whole.shape[2] === inWidth) return whole
  const bounds = [int64s([top, left]), int64s([top + inHeight, left + inWidth]), int64s([1, 2])]
  return emit('Slice', [whole, ...bounds], c.inShape, 'float32')
}
