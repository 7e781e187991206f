import { emit, int64s, reshape } from '../graph/trace'
import type { Value } from '../graph/value'
import { type ConvInfo, pixelsOf } from './conv-info'
import { matmul } from './matmul'

/** Zeros around an image [batch, height, width, channels]. */
function padImage(x: Value, top: number, left: number, bottom: number, right: number): Value {
  if (top + left + bottom + right === 0) return x
  const [batch, height, width, channels] = x.shape as [number, number, number, number]
  const shape = [batch, height + top + bottom, width + left + right, channels]
  return emit('Pad', [x, int64s([0, top, left, 0, 0, bottom, right, 0])], shape, 'float32')
}

/** For each tap of the filter, the pixels it meets: [batch·outHeight·outWidth, channels]. */
export function pixelsOfTaps(padded: Value, c: Pick<ConvInfo, Geometry>): Value[] {
  const [batch, , , channels] = padded.shape as [number, number, number, number]
  const shape = [batch, c.outHeight, c.outWidth, channels]
  const taps: Value[] = []
  for (let row = 0; row < c.filterHeight; row++) {
    for (let column = 0; column < c.filterWidth; column++) {
      const begin = [row * c.dilationHeight, column * c.dilationWidth]
      const end = [begin[0]! + (c.outHeight - 1) * c.strideHeight + 1, begin[1]! + (c.outWidth - 1) * c.strideWidth + 1]
      const inputs = [padded, int64s(begin), int64s(end), int64s([1, 2]), int64s([c.strideHeight, c.strideWidth])]
      taps.push(reshape(emit('Slice', inputs, shape, 'float32'), [batch * c.outHeight * c.outWidth, channels]))
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
function matricesOfTaps(filter: Value): Value[] {
  const [height, width, inputs, outputs] = filter.shape as [number, number, number, number]
  const count = height * width
  const stacked = reshape(filter, [count, inputs, outputs])
  return Array.from({ length: count }, (_, i) => {
    const tap = emit('Slice', [stacked, int64s([i]), int64s([i + 1]), int64s([0])], [1, inputs, outputs], 'float32')
    return reshape(tap, [inputs, outputs])
  })
}

/** Sum of products, each added to the one before in place. */
function sumOfProducts(left: Value[], right: Value[], transposeRight: boolean): Value {
  return left
    .slice(1)
    .reduce(
      (sum, a, i) =>
        emit('Gemm', [a, right[i + 1]!, sum], sum.shape, 'float32', { transA: 0, transB: Number(transposeRight) }),
      matmul(left[0]!, right[0]!, { transposeB: transposeRight }),
    )
}

/** An image with the zeros around it that the convolution sees. */
export const padded = (x: Value, { padInfo: { top, left, bottom, right } }: ConvInfo) =>
  padImage(x, top, left, bottom, right)

/** Convolution as a sum over the filter's taps of pixels · matrix. */
export function convolveByTaps(x: Value, filter: Value, c: ConvInfo): Value {
  const product = sumOfProducts(pixelsOfTaps(padded(x, c), c), matricesOfTaps(filter), false)
  return reshape(product, c.outShape)
}

/** Gradient by the input of a convolution with stride 1: the same with the taps in reverse and the matrices transposed. */
export function inputGradientByTaps(dy: Value, filter: Value, c: ConvInfo): Value {
  const { top, left, bottom, right } = reversedPadding(c)!
  const geometry = { ...c, outHeight: c.inHeight, outWidth: c.inWidth }
  const pixels = pixelsOfTaps(padImage(dy, top, left, bottom, right), geometry)
  return reshape(sumOfProducts(pixels, matricesOfTaps(filter).reverse(), true), c.inShape)
}

/** Parts of one shape [1, ...], one after the other. */
export function stacked(parts: Value[]): Value {
  if (parts.length === 1) return parts[0]!
  return emit('Concat', parts, [parts.length, ...parts[0]!.shape.slice(1)], 'float32', { axis: 0 })
}

/** Images of so few channels meet all taps at once: a product for each would pass over dy as often, for hardly a column. */
const fewChannels = 8

/** Gradient by the filter: for every tap, pixelsᵀ · dy. */
export function filterGradientByTaps(x: Value, dy: Value, c: ConvInfo): Value {
  const rows = pixelsOf(dy)
  const taps = pixelsOfTaps(padded(x, c), c)
  if (c.inChannels <= fewChannels && taps.length > 1) {
    const shape = [rows.shape[0]!, taps.length * c.inChannels]
    const sideBySide = emit('Concat', taps, shape, 'float32', { axis: 1 })
    return reshape(matmul(sideBySide, rows, { transposeA: true }), c.filterShape)
  }
  const shape = [1, c.inChannels, c.outChannels]
  const products = taps.map((pixels) => reshape(matmul(pixels, rows, { transposeA: true }), shape))
  return reshape(stacked(products), c.filterShape)
}

/**
 * The padding with which a convolution with stride 1 by the reversed filter gives the gradient by the input.
 * Undefined where the stride is another or the padding would be negative.
 */
export function reversedPadding(c: ConvInfo) {
  if (c.strideHeight !== 1 || c.strideWidth !== 1) return undefined
  const height = (c.filterHeight - 1) * c.dilationHeight
  const width = (c.filterWidth - 1) * c.dilationWidth
  const top = height - c.padInfo.top
  const left = width - c.padInfo.left
  const bottom = c.inHeight - c.outHeight - top + height
  const right = c.inWidth - c.outWidth - left + width
  return Math.min(top, left, bottom, right) < 0 ? undefined : { top, left, bottom, right }
}
