import { emit, fixed, int64s, reshape } from '../graph/trace'
import { type Value, sameShape } from '../graph/value'
import { type ConvInfo, pixelsOf } from './conv-info'
import { reversedPadding } from './conv-taps'
import { matmul } from './matmul'
import { transpose } from './shape'

// Convolutions by 3 × 3 filters in fewer multiplications: F(2×2, 3×3) of Lavin and Gray, "Fast Algorithms for Convolutional Neural
// Networks" (CVPR 2016, arXiv:1509.09308), section 4.1: Y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A for each tile of 2 × 2 results, which meets 4 × 4 pixels d.
// Added up over the channels, each of the 16 positions in a tile is a matrix product of all tiles by all filters, with 16 multiplications where
// the plain sum has 36. The small matrices act on rows and columns at once, as their Kronecker products: a transformation then is one
// more product, over numbers that lie side by side.

type Matrix = readonly (readonly number[])[]

const pixels: Matrix = [
  [1, 0, -1, 0],
  [0, 1, 1, 0],
  [0, -1, 1, 0],
  [0, 1, 0, -1],
]
const taps: Matrix = [
  [1, 0, 0],
  [0.5, 0.5, 0.5],
  [0.5, -0.5, 0.5],
  [0, 0, 1],
]
const results: Matrix = [
  [1, 1, 1, 0],
  [0, 1, -1, -1],
]
/** A filter in reverse has its transformed rows, and columns, in this order. */
const reverse = [3, 1, 2, 0]
const positions = 16

const turned = (m: Matrix): Matrix => m[0]!.map((_, j) => m.map((row) => row[j]!))
const withRows = (m: Matrix, order: readonly number[]): Matrix => order.map((i) => m[i]!)

/** A matrix that acts on rows and columns alike, as a constant. */
function onBoth(name: string, m: Matrix): Value {
  const [rows, columns] = [m.length, m[0]!.length]
  return fixed(`winograd ${name}`, [rows ** 2, columns ** 2], 'float32', () =>
    Float32Array.from(m.flatMap((upper) => m.flatMap((lower) => upper.flatMap((u) => lower.map((l) => u * l))))),
  )
}

const pixelsIn = () => onBoth('pixels', pixels)
const pixelsInReversed = () => onBoth('pixels, reversed', withRows(pixels, reverse))
const tapsIn = () => onBoth('taps', taps)
const tapsOut = () => onBoth('taps, turned', turned(taps))
const resultsOut = () => onBoth('results', results)
const resultsOutReversed = () => onBoth('results, reversed', turned(withRows(turned(results), reverse)))
const resultsIn = () => onBoth('results, turned', turned(results))

/** Multiplications that moving one number takes as long as: measured. */
const perNumberMoved = 100

/**
 * Whether a convolution and its gradients take less time so: where what the products spare (20 of 36 multiplications) is more than twice of
 * what the transformations cost, which goes with the channels' sum in place of their product.
 */
export function isWinograd(c: ConvInfo): boolean {
  const isPlain = c.strideHeight === 1 && c.strideWidth === 1 && c.dilationHeight === 1 && c.dilationWidth === 1
  if (c.filterHeight !== 3 || c.filterWidth !== 3 || !isPlain || reversedPadding(c) === undefined) return false
  const { inChannels, outChannels } = c
  const count = c.batchSize * half(c.outHeight) * half(c.outWidth)
  const spared =
    9 * c.batchSize * c.outHeight * c.outWidth * inChannels * outChannels - positions * count * inChannels * outChannels
  const moved = positions * (count * (inChannels + outChannels) + inChannels * outChannels)
  return spared > perNumberMoved * moved
}

const half = (n: number): number => Math.ceil(n / 2)

/** Images to take tiles from, and where the first one begins: so many rows and columns before the first pixel. */
interface Tiling {
  count: number
  rows: number
  columns: number
  top: number
  left: number
}

/** The 4 × 4 pixels that every tile meets, transformed: [16, tiles, channels]. */
function pixelsOfTiles(x: Value, tiling: Tiling, transformation: Value): Value {
  const [batch, height, width, channels] = x.shape as [number, number, number, number]
  const { count, rows, columns, top, left } = tiling
  // What lies outside is a row of zeros after the last pixel.
  const outside = batch * height * width
  const key = `winograd tiles ${[batch, height, width, rows, columns, top, left].join()}`
  const indices = fixed(key, [positions * count], 'int64', () => {
    const numbers = new BigInt64Array(positions * count)
    let i = 0
    for (let a = 0; a < 4; a++)
      for (let b = 0; b < 4; b++)
        for (let image = 0; image < batch; image++)
          for (let row = a - top; row < 2 * rows + a - top; row += 2)
            for (let column = b - left; column < 2 * columns + b - left; column += 2) {
              const isInside = row >= 0 && row < height && column >= 0 && column < width
              numbers[i++] = BigInt(isInside ? (image * height + row) * width + column : outside)
            }
    return numbers
  })
  const zeros = fixed(`winograd zeros ${channels}`, [1, channels], 'float32', () => new Float32Array(channels))
  const all = emit('Concat', [pixelsOf(x), zeros], [outside + 1, channels], 'float32', { axis: 0 })
  const met = emit('Gather', [all, indices], [positions * count, channels], 'float32', { axis: 0 })
  const transformed = matmul(transformation, reshape(met, [positions, count * channels]))
  return reshape(transformed, [positions, count, channels])
}

/** The filter [3, 3, in, out], transformed: [16, in, out]. */
function filterOfPositions(filter: Value): Value {
  const [, , inputs, outputs] = filter.shape as [number, number, number, number]
  const transformed = matmul(tapsIn(), reshape(filter, [9, inputs * outputs]))
  return reshape(transformed, [positions, inputs, outputs])
}

/** Images [batch, height, width, channels] from the products [16, tiles, channels]. */
function imagesOf(products: Value, transformation: Value, { rows, columns }: Tiling, shape: readonly number[]): Value {
  const [batch, height, width, channels] = shape as [number, number, number, number]
  const apart = matmul(transformation, reshape(products, [positions, products.size / positions]))
  const tiles = transpose(reshape(apart, [2, 2, batch, rows, columns, channels]), [2, 3, 0, 4, 1, 5])
  const whole = reshape(tiles, [batch, 2 * rows, 2 * columns, channels])
  if (sameShape(whole.shape, shape)) return whole
  return emit('Slice', [whole, int64s([0, 0]), int64s([height, width]), int64s([1, 2])], shape, 'float32')
}

function tilingOf(batch: number, height: number, width: number, top: number, left: number): Tiling {
  const [rows, columns] = [half(height), half(width)]
  return { count: batch * rows * columns, rows, columns, top, left }
}

const tilingOfResults = (c: ConvInfo): Tiling =>
  tilingOf(c.batchSize, c.outHeight, c.outWidth, c.padInfo.top, c.padInfo.left)

/** Convolution by a 3 × 3 filter with stride 1. */
export function convolveByWinograd(x: Value, filter: Value, c: ConvInfo): Value {
  const tiling = tilingOfResults(c)
  const products = matmul(pixelsOfTiles(x, tiling, pixelsIn()), filterOfPositions(filter))
  return imagesOf(products, resultsOut(), tiling, c.outShape)
}

/** Gradient by the input: the convolution of dy by the filter in reverse, of which only the order of the positions is another. */
export function inputGradientByWinograd(dy: Value, filter: Value, c: ConvInfo): Value {
  const { top, left } = reversedPadding(c)!
  const tiling = tilingOf(c.batchSize, c.inHeight, c.inWidth, top, left)
  const transformed = pixelsOfTiles(dy, tiling, pixelsInReversed())
  const products = matmul(transformed, filterOfPositions(filter), { transposeB: true })
  return imagesOf(products, resultsOutReversed(), tiling, c.inShape)
}

/** Gradient by the filter [3, 3, in, out]: what the transformations, which are linear, make of dy and of the products' gradients. */
export function filterGradientByWinograd(x: Value, dy: Value, c: ConvInfo): Value {
  const tiling = tilingOfResults(c)
  const { count, rows, columns } = tiling
  const { batchSize, inChannels, outChannels } = c
  const tiles = reshape(toEvenSize(dy, tiling), [batchSize, rows, 2, columns, 2, outChannels])
  const apart = reshape(transpose(tiles, [2, 4, 0, 1, 3, 5]), [4, count * outChannels])
  const gradients = reshape(matmul(resultsIn(), apart), [positions, count, outChannels])
  const products = matmul(pixelsOfTiles(x, tiling, pixelsIn()), gradients, { transposeA: true })
  const gradient = matmul(tapsOut(), reshape(products, [positions, inChannels * outChannels]))
  return reshape(gradient, c.filterShape)
}

/** With a row, or a column, of zeros more where there is an odd number. */
function toEvenSize(x: Value, { rows, columns }: Tiling): Value {
  const [batch, height, width, channels] = x.shape as [number, number, number, number]
  const shape = [batch, 2 * rows, 2 * columns, channels]
  if (sameShape(x.shape, shape)) return x
  const pads = int64s([0, 0, 0, 0, 0, 2 * rows - height, 2 * columns - width, 0])
  return emit('Pad', [x, pads], shape, 'float32')
}
