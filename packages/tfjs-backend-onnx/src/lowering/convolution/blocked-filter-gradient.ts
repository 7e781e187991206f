import { type Recorder, nchwc } from '../../graph/recorder'
import type { Value } from '../../graph/value'
import { reduce } from '../sums'
import { transpose } from '../transpositions'
import { intoBlocks, planesIntoBlocks } from './channel-blocks'
import { type ConvGeometry, pixelsOf, reversedPadding } from './geometry'
import type { FilterGradient } from './strategy'
import { padded, pixelsOfTaps, stacked } from './taps'

// The gradient by a filter's tap is pixelsᵀ · dy, a product of two narrow matrices with very many rows. ONNX Runtime's matrix
// product copies both for it, and 64 columns do not repay that. Its convolution on blocks of channels takes them as they lie, if
// they are called by other names: the rows (pixels) are the channels that a 1 × 1 convolution adds up, the columns of dy are the
// pixels of its one image, and the pixels' channels are what comes out. Measured: 1.4 to 2 times as fast.

/**
 * Rows that a group of the convolution adds up at least, for each of the columns: below that, adding up the groups costs too
 * much.
 */
const rowsPerColumn = 4

const isStrided = (c: ConvGeometry): boolean => c.strideHeight > 1 || c.strideWidth > 1

/** Rows of an image that are added up. */
export const rowsOfImage = (c: ConvGeometry): number => c.outWidth * (isStrided(c) ? c.outHeight : c.inHeight)

/**
 * In how many groups of images the sum is computed, each on its own: as many as pay, for the threads to share. Null if none:
 * where the images' channels or a group's rows do not fill blocks, or where there are too few rows.
 */
export function groupsOf(c: ConvGeometry, block: number): number | null {
  if (c.inChannels % block !== 0) return null
  const least = rowsPerColumn * Math.max(c.inChannels, c.outChannels)
  for (let groups = c.batchSize; groups >= 1; groups--) {
    if (c.batchSize % groups !== 0) continue
    const count = (c.batchSize / groups) * rowsOfImage(c)
    if (count % block === 0 && count >= (groups === 1 ? least / 2 : least)) return groups
  }
  return null
}

/** Rows [groups · count, channels] as filters of so many groups of a 1 × 1 convolution: [groups · channels, count, 1, 1]. */
function asFilters(g: Recorder, rows: Value, groups: number): Value {
  const [count, channels] = [rows.shape[0]! / groups, rows.shape[1]!]
  return g.reshape(intoBlocks(g, g.reshape(rows, [groups, count, 1, channels])), [groups * channels, count, 1, 1])
}

/** Rows [groups · count, columns] as the channels of one image with a pixel for every column: [1, groups · count, 1, columns]. */
function asChannels(g: Recorder, rows: Value, groups: number): Value {
  const [count, columns] = [rows.shape[0]! / groups, rows.shape[1]!]
  return g.reshape(planesIntoBlocks(g, g.reshape(rows, [groups, count, 1, columns])), [1, groups * count, 1, columns])
}

/** Moves rows [count, length, width] along the middle axis and cuts, or fills up with zeros, to a new length. */
function moved(g: Recorder, x: Value, by: number, length: number): Value {
  const [count, from, width] = x.shape as [number, number, number]
  if (by === 0 && length === from) return x
  const pads = g.int64s([0, by, 0, 0, length - from - by, 0])
  return g.emit('Pad', [x, pads], [count, length, width], 'float32')
}

/** The pixels that the columns of the filter meet, as filters; without strides. */
function pixelsOfColumns(g: Recorder, x: Value, c: ConvGeometry, groups: number): Value[] {
  const { batchSize, inHeight, inWidth, inChannels, outWidth } = c
  const lines = g.reshape(x, [batchSize * inHeight, inWidth, inChannels])
  const rows = [batchSize * inHeight * outWidth, inChannels]
  return indices(c.filterWidth).map((i) => {
    const met = moved(g, lines, c.padInfo.left - i * c.dilationWidth, outWidth)
    return asFilters(g, g.reshape(met, rows), groups)
  })
}

/** What the rows of the filter meet of dy, as channels; without strides. */
function channelsOfRows(g: Recorder, dy: Value, c: ConvGeometry, block: number, groups: number): Value[] {
  const { batchSize, inHeight, outHeight, outWidth, outChannels } = c
  const by = (i: number) => i * c.dilationHeight - c.padInfo.top
  if (outWidth % block !== 0) {
    const lines = g.reshape(dy, [batchSize, outHeight, outWidth * outChannels])
    const rows = [batchSize * inHeight * outWidth, outChannels]
    return indices(c.filterHeight).map((i) => asChannels(g, g.reshape(moved(g, lines, by(i), inHeight), rows), groups))
  }
  // Whole blocks can move when they are in order already. (So could blocks of channels, in small pieces, which takes longer.)
  const blocks = outWidth / block
  const lines = g.reshape(asChannels(g, pixelsOf(g, dy), groups), [batchSize, outHeight * blocks, block * outChannels])
  const shape = [1, batchSize * inHeight * outWidth, 1, outChannels]
  return indices(c.filterHeight).map((i) => g.reshape(moved(g, lines, by(i) * blocks, inHeight * blocks), shape))
}

const indices = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

/** For every tap, row by row, what meets in its gradient: pixels as filters and dy as channels. */
function pairsOfTaps(
  g: Recorder,
  x: Value,
  dy: Value,
  c: ConvGeometry,
  block: number,
  groups: number,
): [Value, Value][] {
  if (isStrided(c)) {
    const channels = asChannels(g, pixelsOf(g, dy), groups)
    return pixelsOfTaps(g, padded(g, x, c), c).map((pixels) => [asFilters(g, pixels, groups), channels])
  }
  // Moving the pixels along and dy across takes as many copies as the filter has rows and columns, not taps.
  const columns = pixelsOfColumns(g, x, c, groups)
  const rows = channelsOfRows(g, dy, c, block, groups)
  return rows.flatMap((channels) => columns.map((filters): [Value, Value] => [filters, channels]))
}

/** What groups of images add up to: from [1, groups · ...] to [1, ...]. */
function sumOfGroups(g: Recorder, parts: Value, groups: number): Value {
  const size = parts.size / groups
  if (groups === 1) return g.reshape(parts, [1, size])
  return reduce(g, 'ReduceSum', g.reshape(parts, [groups, 1, size]), [0], false)
}

/** Gradient by the filter [height, width, in, out], as grouped convolutions on blocks of channels. */
export function filterGradientInBlocks(
  g: Recorder,
  x: Value,
  dy: Value,
  c: ConvGeometry,
  block: number,
  groups: number,
): Value {
  const { inChannels, outChannels, filterHeight, filterWidth } = c
  if (groups === c.batchSize && c.outWidth % block === 0 && reversedPadding(c) !== undefined) {
    const columns = gradientsOfColumns(g, x, dy, c, block)
    const blocks = g.reshape(stacked(g, columns), [filterWidth, inChannels / block, filterHeight, outChannels, block])
    const turned = transpose(g, blocks, [2, 0, 1, 4, 3])
    const backwards = [g.int64s([-1]), g.int64s([-(2 ** 31)]), g.int64s([0]), g.int64s([-1])]
    return g.reshape(g.emit('Slice', [turned, ...backwards], turned.shape, 'float32'), c.filterShape)
  }
  const taps = pairsOfTaps(g, x, dy, c, block, groups).map(([filters, channels]) => {
    const shape = [1, groups * inChannels, 1, outChannels]
    const attributes = { kernel_shape: [1, 1], group: groups }
    return sumOfGroups(g, g.emit('Conv', [channels, filters], shape, 'float32', attributes, nchwc), groups)
  })
  // The channels lie in blocks, the columns between them.
  const blocks = g.reshape(stacked(g, taps), [taps.length, inChannels / block, outChannels, block])
  return g.reshape(transpose(g, blocks, [0, 1, 3, 2]), c.filterShape)
}

/**
 * With a group for each image, one convolution gives all rows of a column of the filter: with an image's blocks of pixels one
 * below the other as its filter, of which every step moves dy by the rows from one tap to the next. The last row comes first.
 */
function gradientsOfColumns(g: Recorder, x: Value, dy: Value, c: ConvGeometry, block: number): Value[] {
  const { batchSize: groups, inChannels, outChannels, outWidth, filterHeight } = c
  const { top, bottom } = reversedPadding(c)!
  const line = outWidth / block
  const height = c.inHeight * line
  const channels = g.reshape(asChannels(g, pixelsOf(g, dy), groups), [
    1,
    groups * block,
    c.outHeight * line,
    outChannels,
  ])
  const attributes = {
    kernel_shape: [height, 1],
    strides: [c.dilationHeight * line, 1],
    pads: [top * line, 0, bottom * line, 0],
    group: groups,
  }
  const shape = [1, groups * inChannels, filterHeight, outChannels]
  return pixelsOfColumns(g, x, c, groups).map((filters) => {
    const tall = g.reshape(filters, [groups * inChannels, block, height, 1])
    return sumOfGroups(g, g.emit('Conv', [channels, tall], shape, 'float32', attributes, nchwc), groups)
  })
}

export const blockedFilterGradient: FilterGradient = {
  name: 'blocked',
  applies: ({ channelBlock }, c) => channelBlock !== null && groupsOf(c, channelBlock) !== null,
  record: (g, { x, dy }, c, { channelBlock }) =>
    filterGradientInBlocks(g, x, dy, c, channelBlock!, groupsOf(c, channelBlock!)!),
}
