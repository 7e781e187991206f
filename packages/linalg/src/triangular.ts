import { concat, reshape, slice, tidy, transpose } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { invertLowerBlock } from './host/block'
import {
  blockWidths,
  checkBlocks,
  cut,
  disposeLower,
  lowerLeaf,
  solveLower,
  solveLowerTransposed,
} from './lower-blocks'
import type { LowerBlocks } from './lower-blocks'
import { checkRightHandSide, squareSize } from './shapes'

export interface TriangularOptions {
  /** Which triangle is read; the other is taken for zero. Default `lower`. */
  triangle?: 'lower' | 'upper'
  /** Solve with the transposed matrix instead. Default false. */
  transposed?: boolean
  /** Sizes of the blocks, outermost first, each smaller than the one before it. Default 512, 128. */
  blocks?: readonly number[]
}

/**
 * X with T X = B (or Tᵀ X = B) for a triangular T. The small diagonal blocks are read once, all together, and inverted in float64
 * on the host; the rest is matrix products.
 * @param matrix T [n, n]
 * @param rhs B [n, columns]
 * @throws SingularMatrixError, RangeError
 */
export async function triangularSolve(
  matrix: Tensor2D,
  rhs: Tensor2D,
  { triangle = 'lower', transposed = false, blocks = blockWidths }: TriangularOptions = {},
): Promise<Tensor2D> {
  const size = squareSize(matrix, 'the matrix')
  checkRightHandSide(rhs, size)
  const lower = triangle === 'lower' ? matrix.clone() : (transpose(matrix) as Tensor2D)
  let factor: LowerBlocks | undefined
  try {
    factor = await lowerBlocksOf(lower, blocks)
    return (triangle === 'lower') === transposed ? solveLowerTransposed(factor, rhs) : solveLower(factor, rhs)
  } finally {
    lower.dispose()
    if (factor) disposeLower(factor)
  }
}

/**
 * X with A X = B from A's Cholesky factor L (A = L Lᵀ). To solve often with one A, keep a `choleskyFactor` instead: it stays in
 * blocks.
 * @param lower L [n, n], lower triangular
 * @param rhs B [n, columns]
 */
export async function choleskySolve(
  lower: Tensor2D,
  rhs: Tensor2D,
  { blocks = blockWidths }: Pick<TriangularOptions, 'blocks'> = {},
): Promise<Tensor2D> {
  checkRightHandSide(rhs, squareSize(lower, 'the Cholesky factor'))
  const factor = await lowerBlocksOf(lower, blocks)
  try {
    return tidy(() => solveLowerTransposed(factor, solveLower(factor, rhs)))
  } finally {
    disposeLower(factor)
  }
}

/** Cuts a lower triangular matrix into blocks; one read for all its leaves. */
async function lowerBlocksOf(matrix: Tensor2D, blocks: readonly number[]): Promise<LowerBlocks> {
  checkBlocks(blocks)
  const positions = leafPositions(0, matrix.shape[0], blocks)
  const packed = tidy(() =>
    concat(positions.map(({ start, size }) => reshape(slice(matrix, [start, start], [size, size]), [-1]))),
  )
  const values = await packed.data()
  packed.dispose()
  let offset = 0
  const triangles = positions.map(({ start, size }) => {
    const lower = Float64Array.from(values.subarray(offset, (offset += size * size)))
    for (let i = 0; i < size; i++) lower.fill(0, i * size + i + 1, (i + 1) * size)
    return { lower, inverse: invertLowerBlock(lower, size, start), size }
  })
  const next = triangles.values()
  return nest(matrix, 0, matrix.shape[0], blocks, () => next.next().value!)
}

interface LeafPosition {
  readonly start: number
  readonly size: number
}

function leafPositions(start: number, size: number, blocks: readonly number[]): LeafPosition[] {
  const parts = cut(size, blocks)
  if (!parts) return [{ start, size }]
  let at = start
  return parts.widths.flatMap((width) => leafPositions((at += width) - width, width, parts.inner))
}

/** Builds the blocks in the order of `leafPositions`. */
function nest(
  matrix: Tensor2D,
  start: number,
  size: number,
  blocks: readonly number[],
  nextTriangle: () => Parameters<typeof lowerLeaf>[0],
): LowerBlocks {
  const parts = cut(size, blocks)
  if (!parts) return lowerLeaf(nextTriangle())
  let at = start
  const rows = parts.widths.map((width) => {
    const own = at
    at += width
    const diagonal = nest(matrix, own, width, parts.inner, nextTriangle)
    return own > start ? { left: slice(matrix, [own, start], [width, own - start]), diagonal } : { diagonal }
  })
  return { size, rows }
}
