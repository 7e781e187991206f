import type { Recorder } from '../../graph/recorder'
import type { Value } from '../../graph/value'
import { matmul } from '../products/plain'
import { type ConvGeometry, isTapwise, pixelsOf, reversedPadding } from './geometry'
import type { FilterGradient, Forward, InputGradient } from './strategy'

/** Zeros around an image [batch, height, width, channels]. */
function padImage(g: Recorder, x: Value, top: number, left: number, bottom: number, right: number): Value {
  if (top + left + bottom + right === 0) return x
  const [batch, height, width, channels] = x.shape as [number, number, number, number]
  const shape = [batch, height + top + bottom, width + left + right, channels]
  return g.emit('Pad', [x, g.int64s([0, top, left, 0, 0, bottom, right, 0])], shape, 'float32')
}

/** For each tap of the filter, the pixels it meets: [batch·outHeight·outWidth, channels]. */
export function pixelsOfTaps(g: Recorder, padded: Value, c: Pick<ConvGeometry, Geometry>): Value[] {
  const [batch, , , channels] = padded.shape as [number, number, number, number]
  const shape = [batch, c.outHeight, c.outWidth, channels]
  const taps: Value[] = []
  for (let row = 0; row < c.filterHeight; row++) {
    for (let column = 0; column < c.filterWidth; column++) {
      const begin = [row * c.dilationHeight, column * c.dilationWidth]
      const end = [begin[0]! + (c.outHeight - 1) * c.strideHeight + 1, begin[1]! + (c.outWidth - 1) * c.strideWidth + 1]
      const inputs = [
        padded,
        g.int64s(begin),
        g.int64s(end),
        g.int64s([1, 2]),
        g.int64s([c.strideHeight, c.strideWidth]),
      ]
      taps.push(g.reshape(g.emit('Slice', inputs, shape, 'float32'), [batch * c.outHeight * c.outWidth, channels]))
    }
  }
  return taps
}

type Geometry =
  | 'outHeight'
  | 'outWidth'
  | 'filterHeight'
  | 'filterWidth'
  | 'strideHeight'
  | 'strideWidth'
  | 'dilationHeight'
  | 'dilationWidth'

/** The filter's matrix [in, out] at every tap. */
function matricesOfTaps(g: Recorder, filter: Value): Value[] {
  const [height, width, inputs, outputs] = filter.shape as [number, number, number, number]
  const count = height * width
  const stacked = g.reshape(filter, [count, inputs, outputs])
  return Array.from({ length: count }, (_, i) => {
    const tap = g.emit(
      'Slice',
      [stacked, g.int64s([i]), g.int64s([i + 1]), g.int64s([0])],
      [1, inputs, outputs],
      'float32',
    )
    return g.reshape(tap, [inputs, outputs])
  })
}

/** Sum of products, each added to the one before in place. */
function sumOfProducts(g: Recorder, left: Value[], right: Value[], transposeRight: boolean): Value {
  return left
    .slice(1)
    .reduce(
      (sum, a, i) =>
        g.emit('Gemm', [a, right[i + 1]!, sum], sum.shape, 'float32', { transA: 0, transB: Number(transposeRight) }),
      matmul(g, left[0]!, right[0]!, { transposeB: transposeRight }),
    )
}

/** An image with the zeros around it that the convolution sees. */
export const padded = (g: Recorder, x: Value, { padInfo: { top, left, bottom, right } }: ConvGeometry) =>
  padImage(g, x, top, left, bottom, right)

/** Convolution as a sum over the filter's taps of pixels · matrix. */
export function convolveByTaps(g: Recorder, x: Value, filter: Value, c: ConvGeometry): Value {
  const product = sumOfProducts(g, pixelsOfTaps(g, padded(g, x, c), c), matricesOfTaps(g, filter), false)
  return g.reshape(product, c.outShape)
}

/** Gradient by the input of a convolution with stride 1: the same with the taps in reverse and the matrices transposed. */
export function inputGradientByTaps(g: Recorder, dy: Value, filter: Value, c: ConvGeometry): Value {
  const { top, left, bottom, right } = reversedPadding(c)!
  const geometry = { ...c, outHeight: c.inHeight, outWidth: c.inWidth }
  const pixels = pixelsOfTaps(g, padImage(g, dy, top, left, bottom, right), geometry)
  return g.reshape(sumOfProducts(g, pixels, matricesOfTaps(g, filter).reverse(), true), c.inShape)
}

/** Parts of one shape [1, ...], one after the other. */
export function stacked(g: Recorder, parts: Value[]): Value {
  if (parts.length === 1) return parts[0]!
  return g.emit('Concat', parts, [parts.length, ...parts[0]!.shape.slice(1)], 'float32', { axis: 0 })
}

/** Images of so few channels meet all taps at once: a product for each would pass over dy as often, for hardly a column. */
const fewChannels = 8

/** Gradient by the filter: for every tap, pixelsᵀ · dy. */
export function filterGradientByTaps(g: Recorder, x: Value, dy: Value, c: ConvGeometry): Value {
  const rows = pixelsOf(g, dy)
  const taps = pixelsOfTaps(g, padded(g, x, c), c)
  if (c.inChannels <= fewChannels && taps.length > 1) {
    const shape = [rows.shape[0]!, taps.length * c.inChannels]
    const sideBySide = g.emit('Concat', taps, shape, 'float32', { axis: 1 })
    return g.reshape(matmul(g, sideBySide, rows, { transposeA: true }), c.filterShape)
  }
  const shape = [1, c.inChannels, c.outChannels]
  const products = taps.map((pixels) => g.reshape(matmul(g, pixels, rows, { transposeA: true }), shape))
  return g.reshape(stacked(g, products), c.filterShape)
}

/** A sum over the filter's taps of matrix products. */
export const taps: Forward = {
  name: 'taps',
  applies: (_, c) => isTapwise(c),
  record: (g, { x, filter }, c) => convolveByTaps(g, x, filter, c),
}

export const tapsInputGradient: InputGradient = {
  name: 'taps',
  applies: (_, c) => isTapwise(c) && reversedPadding(c) !== undefined,
  record: (g, { dy, filter }, c) => inputGradientByTaps(g, dy, filter, c),
}

export const tapsFilterGradient: FilterGradient = {
  name: 'taps',
  applies: () => true,
  record: (g, { x, dy }, c) => filterGradientByTaps(g, x, dy, c),
}
