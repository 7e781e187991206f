import type { Recorder } from '../../graph/recorder'
import type { Value } from '../../graph/value'
import { matmul } from '../products/plain'
import { type Target, isOnProcessor } from '../target'
import { type ConvGeometry, type ConvShapes, pixelsOf, reversedPadding } from './geometry'
import type { FilterGradient, Forward, InputGradient } from './strategy'

// Convolutions by 3 × 3 filters in fewer multiplications: F(2×2, 3×3) of Lavin and Gray, "Fast Algorithms for Convolutional
// Neural Networks" (CVPR 2016, arXiv:1509.09308), section 4.1: Y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A for each tile of 2 × 2 results, which
// meets 4 × 4 pixels d. Added up over the channels, each of the 16 positions in a tile is a matrix product of all tiles by all
// filters, with 16 multiplications where the plain sum has 36. The small matrices act on rows and columns at once, as their
// Kronecker products: a transformation then is one more product, over numbers that lie side by side.

type Matrix = readonly (readonly number[])[]

/** Bᵀ */
const pixels: Matrix = [
  [1, 0, -1, 0],
  [0, 1, 1, 0],
  [0, -1, 1, 0],
  [0, 1, 0, -1],
]
/** G */
const taps: Matrix = [
  [1, 0, 0],
  [0.5, 0.5, 0.5],
  [0.5, -0.5, 0.5],
  [0, 0, 1],
]
/** Aᵀ */
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
function onBoth(g: Recorder, name: string, m: Matrix): Value {
  const [rows, columns] = [m.length, m[0]!.length]
  return g.fixed(`winograd ${name}`, [rows ** 2, columns ** 2], 'float32', () =>
    Float32Array.from(m.flatMap((upper) => m.flatMap((lower) => upper.flatMap((u) => lower.map((l) => u * l))))),
  )
}

const pixelsIn = (g: Recorder) => onBoth(g, 'pixels', pixels)
const pixelsInReversed = (g: Recorder) => onBoth(g, 'pixels, reversed', withRows(pixels, reverse))
const tapsIn = (g: Recorder) => onBoth(g, 'taps', taps)
const tapsOut = (g: Recorder) => onBoth(g, 'taps, turned', turned(taps))
const resultsOut = (g: Recorder) => onBoth(g, 'results', results)
const resultsOutReversed = (g: Recorder) => onBoth(g, 'results, reversed', turned(withRows(turned(results), reverse)))
const resultsIn = (g: Recorder) => onBoth(g, 'results, turned', turned(results))

/** Multiplications in the time that it takes to move a number: 45 were measured, and a third more, that it be worth while. */
const perNumberMoved = 60

/**
 * Whether a convolution and its gradients take less time so: where the products spare more (20 of 36 multiplications) than the
 * transformations cost, which goes with the channels' sum in place of their product.
 */
export function isWinograd(c: ConvGeometry): boolean {
  const isPlain = c.strideHeight === 1 && c.strideWidth === 1 && c.dilationHeight === 1 && c.dilationWidth === 1
  if (c.filterHeight !== 3 || c.filterWidth !== 3 || !isPlain || reversedPadding(c) === undefined) return false
  const { inChannels, outChannels } = c
  const count = c.batchSize * half(c.outHeight) * half(c.outWidth)
  const spared =
    9 * c.batchSize * c.outHeight * c.outWidth * inChannels * outChannels - positions * count * inChannels * outChannels
  const moved = positions * (count * (inChannels + outChannels) + inChannels * outChannels)
  return spared > perNumberMoved * moved
}

/** How images are cut into tiles, and where the first tile begins: so many rows and columns before the first pixel. */
interface Tiling {
  batch: number
  rows: number
  columns: number
  top: number
  left: number
}

const tilesIn = ({ batch, rows, columns }: Tiling): number => batch * rows * columns

/** Rows of numbers, by number, in another order; a parallel copy. */
const gathered = (g: Recorder, rows: Value, numbers: Value): Value =>
  g.emit('Gather', [rows, numbers], [numbers.size, rows.shape[1]!], 'float32', { axis: 0 })

/**
 * For each of the `size`² places in a tile the number of the pixel there, tile by tile, among the pixels of images of `height` ×
 * `width`: [size² · tiles]. What lies outside is number `outside`.
 */
function pixelNumbers(
  g: Recorder,
  tiling: Tiling,
  size: number,
  height: number,
  width: number,
  outside: number,
): Value {
  const { batch, rows, columns, top, left } = tiling
  const key = `winograd ${[size, batch, rows, columns, top, left, height, width, outside].join()}`
  return g.fixed(key, [size ** 2 * tilesIn(tiling)], 'int64', () => {
    const numbers = new BigInt64Array(size ** 2 * tilesIn(tiling))
    let i = 0
    for (let place = 0; place < size ** 2; place++) {
      const [down, along] = [Math.floor(place / size) - top, (place % size) - left]
      for (let image = 0; image < batch; image++)
        for (let row = down; row < 2 * rows + down; row += 2)
          for (let column = along; column < 2 * columns + along; column += 2) {
            const isInside = row >= 0 && row < height && column >= 0 && column < width
            numbers[i++] = BigInt(isInside ? (image * height + row) * width + column : outside)
          }
    }
    return numbers
  })
}

/** The pixels of images [batch, height, width, channels] tile by tile, with zeros around them: [size², tiles · channels]. */
function inTiles(g: Recorder, x: Value, tiling: Tiling, size: number): Value {
  const [batch, height, width, channels] = x.shape as [number, number, number, number]
  const { rows, columns, top, left } = tiling
  const isExact = top === 0 && left === 0 && 2 * rows + size - 2 === height && 2 * columns + size - 2 === width
  let pixels = pixelsOf(g, x)
  const count = batch * height * width
  if (!isExact) {
    const zeros = g.fixed(`winograd zeros ${channels}`, [1, channels], 'float32', () => new Float32Array(channels))
    pixels = g.emit('Concat', [pixels, zeros], [count + 1, channels], 'float32', { axis: 0 })
  }
  const met = gathered(g, pixels, pixelNumbers(g, tiling, size, height, width, count))
  return g.reshape(met, [size ** 2, tilesIn(tiling) * channels])
}

/** The 4 × 4 pixels that every tile meets, transformed: [16, tiles, channels]. */
function pixelsOfTiles(g: Recorder, x: Value, tiling: Tiling, transformation: Value): Value {
  const transformed = matmul(g, transformation, inTiles(g, x, tiling, 4))
  return g.reshape(transformed, [positions, tilesIn(tiling), x.shape[3]!])
}

/** The filter [3, 3, in, out], transformed: [16, in, out]. */
function filterOfPositions(g: Recorder, filter: Value): Value {
  const [, , inputs, outputs] = filter.shape as [number, number, number, number]
  const transformed = matmul(g, tapsIn(g), g.reshape(filter, [9, inputs * outputs]))
  return g.reshape(transformed, [positions, inputs, outputs])
}

/** Images [batch, height, width, channels] from the products [16, tiles, channels]. */
function imagesOf(
  g: Recorder,
  products: Value,
  transformation: Value,
  tiling: Tiling,
  shape: readonly number[],
): Value {
  const [batch, height, width, channels] = shape as [number, number, number, number]
  const { rows, columns } = tiling
  const count = tilesIn(tiling)
  const apart = matmul(g, transformation, g.reshape(products, [positions, count * channels]))
  const numbers = g.fixed(
    `winograd images ${[batch, rows, columns, height, width].join()}`,
    [batch * height * width],
    'int64',
    () => {
      const numbers = new BigInt64Array(batch * height * width)
      let i = 0
      for (let image = 0; image < batch; image++)
        for (let row = 0; row < height; row++)
          for (let column = 0; column < width; column++) {
            const tile = (image * rows + (row >> 1)) * columns + (column >> 1)
            numbers[i++] = BigInt((2 * (row % 2) + (column % 2)) * count + tile)
          }
      return numbers
    },
  )
  return g.reshape(gathered(g, g.reshape(apart, [4 * count, channels]), numbers), shape)
}

const half = (n: number): number => Math.ceil(n / 2)

/** Tiles that cover results of a size. */
const tilingOf = (batch: number, height: number, width: number, top: number, left: number): Tiling => ({
  batch,
  rows: half(height),
  columns: half(width),
  top,
  left,
})

const tilingOfResults = (c: ConvGeometry): Tiling =>
  tilingOf(c.batchSize, c.outHeight, c.outWidth, c.padInfo.top, c.padInfo.left)

/** Convolution by a 3 × 3 filter with stride 1. */
export function convolveByWinograd(g: Recorder, x: Value, filter: Value, c: ConvGeometry): Value {
  const tiling = tilingOfResults(c)
  const products = matmul(g, pixelsOfTiles(g, x, tiling, pixelsIn(g)), filterOfPositions(g, filter))
  return imagesOf(g, products, resultsOut(g), tiling, c.outShape)
}

/** Gradient by the input: the convolution of dy by the filter in reverse, of which only the order of the positions is another. */
export function inputGradientByWinograd(g: Recorder, dy: Value, filter: Value, c: ConvGeometry): Value {
  const { top, left } = reversedPadding(c)!
  const tiling = tilingOf(c.batchSize, c.inHeight, c.inWidth, top, left)
  const transformed = pixelsOfTiles(g, dy, tiling, pixelsInReversed(g))
  const products = matmul(g, transformed, filterOfPositions(g, filter), { transposeB: true })
  return imagesOf(g, products, resultsOutReversed(g), tiling, c.inShape)
}

/**
 * Gradient by the filter [3, 3, in, out]: what the transformations, which are linear, make of dy and of the products' gradients.
 */
export function filterGradientByWinograd(g: Recorder, x: Value, dy: Value, c: ConvGeometry): Value {
  const tiling = tilingOfResults(c)
  const apart = inTiles(g, dy, { ...tiling, top: 0, left: 0 }, 2)
  const gradients = g.reshape(matmul(g, resultsIn(g), apart), [positions, tilesIn(tiling), c.outChannels])
  const products = matmul(g, pixelsOfTiles(g, x, tiling, pixelsIn(g)), gradients, { transposeA: true })
  const gradient = matmul(g, tapsOut(g), g.reshape(products, [positions, c.inChannels * c.outChannels]))
  return g.reshape(gradient, c.filterShape)
}

/** One by a constant filter is left to ONNX Runtime, which does better with it; see `isBetterPlain`. */
const applies = (target: Target, c: ConvShapes): boolean =>
  isOnProcessor(target) && !c.isFilterConstant && isWinograd(c)

export const winograd: Forward = {
  name: 'winograd',
  applies,
  record: (g, { x, filter }, c) => convolveByWinograd(g, x, filter, c),
}

export const winogradInputGradient: InputGradient = {
  name: 'winograd',
  applies,
  record: (g, { dy, filter }, c) => inputGradientByWinograd(g, dy, filter, c),
}

export const winogradFilterGradient: FilterGradient = {
  name: 'winograd',
  applies,
  record: (g, { x, dy }, c) => filterGradientByWinograd(g, x, dy, c),
}
