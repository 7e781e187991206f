import { concat, matMul, slice, sub, tidy } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { flushEngine } from './flush'
import { factorBlock, invertLowerBlock } from './host/block'
import {
  assembleLower,
  blockWidths,
  checkBlocks,
  cut,
  disposeLower,
  logDeterminant,
  lowerLeaf,
  solveLower,
  solveLowerTransposed,
  solveRight,
} from './lower-blocks'
import type { LowerBlocks, LowerRow } from './lower-blocks'
import { checkRightHandSide, squareSize } from './shapes'

export interface CholeskyOptions {
  /** Added to every entry of the diagonal, without a copy of the matrix. Default 0. */
  ridge?: number
  /** Sizes of the blocks, outermost first, each smaller than the one before it. Default 512, 128. */
  blocks?: readonly number[]
}

/**
 * The lower half of a symmetric matrix in tiles: row i holds tiles 0 … i, and the tile at (i, j) has shape [sizeᵢ, sizeⱼ]. Half
 * the memory of the whole matrix, and no tile is large.
 */
export type LowerTiles = readonly (readonly Tensor2D[])[]

/** A = L Lᵀ, ready to solve. */
export interface CholeskyFactor {
  readonly size: number
  /** log det A, whose own value would leave float64's range. */
  readonly logDeterminant: number
  /** X with A X = B, both [size, columns]. */
  solve(rhs: Tensor2D): Tensor2D
  /** X with L X = B: half a solve; ‖X‖² per column is bᵀ A⁻¹ b. */
  solveLower(rhs: Tensor2D): Tensor2D
  /** L as one matrix [size, size]. */
  lower(): Tensor2D
  dispose(): void
}

/**
 * Factors a symmetric positive definite matrix, of which it reads only the lower triangle. Tiled and left-looking: a tile takes
 * one matrix product with all tiles left of it, the diagonal ones go down to leaves that the host factors in float64. One read
 * per leaf (128 rows), and n³/3 flops, nearly all of them in matrix products. Golub & Van Loan, Matrix Computations, 4th edition,
 * § 4.2.
 * @param matrix [n, n], or its lower tiles
 * @throws NotPositiveDefiniteError, RangeError
 */
export async function choleskyFactor(
  matrix: Tensor2D | LowerTiles,
  { ridge = 0, blocks = blockWidths }: CholeskyOptions = {},
): Promise<CholeskyFactor> {
  checkBlocks(blocks)
  const factor = isTiles(matrix)
    ? await factorTiles(tilesSource(matrix), { blocks, ridge, firstRow: 0 })
    : await factorMatrix(matrix, squareSize(matrix, 'the matrix'), { blocks, ridge, firstRow: 0 })
  const { size } = factor
  return {
    size,
    logDeterminant: 2 * logDeterminant(factor),
    solve(rhs) {
      checkRightHandSide(rhs, size)
      return tidy(() => solveLowerTransposed(factor, solveLower(factor, rhs)))
    },
    solveLower(rhs) {
      checkRightHandSide(rhs, size)
      return solveLower(factor, rhs)
    },
    lower: () => assembleLower(factor),
    dispose: () => disposeLower(factor),
  }
}

/**
 * L with A = L Lᵀ, lower triangular.
 * @param matrix [n, n], symmetric positive definite; only its lower triangle is read
 * @throws NotPositiveDefiniteError, RangeError
 */
export async function cholesky(matrix: Tensor2D, options?: CholeskyOptions): Promise<Tensor2D> {
  const factor = await choleskyFactor(matrix, options)
  const lower = factor.lower()
  factor.dispose()
  return lower
}

/**
 * X with (A + ridge · I) X = B.
 * @param matrix A [n, n], symmetric positive definite; only its lower triangle is read
 * @param rhs B [n, columns]
 * @throws NotPositiveDefiniteError, RangeError
 */
export async function solvePositiveDefinite(
  matrix: Tensor2D | LowerTiles,
  rhs: Tensor2D,
  options?: CholeskyOptions,
): Promise<Tensor2D> {
  const factor = await choleskyFactor(matrix, options)
  try {
    return factor.solve(rhs)
  } finally {
    factor.dispose()
  }
}

/** How a block is factored, and where it stands in the whole matrix. */
interface Setting {
  readonly blocks: readonly number[]
  readonly ridge: number
  readonly firstRow: number
}

/** A matrix by block columns: the tiles of column `index` from the diagonal down, the caller's to dispose. */
interface TileSource {
  readonly sizes: readonly number[]
  column(index: number): Tensor2D[]
}

function isTiles(matrix: Tensor2D | LowerTiles): matrix is LowerTiles {
  return Array.isArray(matrix)
}

function tilesSource(tiles: LowerTiles): TileSource {
  if (tiles.length === 0) throw new RangeError('a matrix needs at least one tile')
  const sizes = tiles.map((row, i) => row[i]?.shape[0] ?? 0)
  tiles.forEach((row, i) =>
    row.forEach(({ shape }, j) => {
      if (row.length !== i + 1 || shape[0] !== sizes[i] || shape[1] !== sizes[j])
        throw new RangeError(
          `row ${i} must hold ${i + 1} tiles, that in column ${j} of shape [${sizes[i]}, ${sizes[j]}]; got ${row.length}, and [${shape.join(', ')}]`,
        )
    }),
  )
  return { sizes, column: (index) => tiles.slice(index).map((row) => row[index]!.clone()) }
}

async function factorMatrix(matrix: Tensor2D, size: number, setting: Setting): Promise<LowerBlocks> {
  const parts = cut(size, setting.blocks)
  if (!parts) return factorLeaf(matrix, size, setting)
  const sizes = parts.widths
  const starts = sizes.map((_, i) => i * sizes[0]!)
  const column = (index: number) =>
    sizes.slice(index).map((own, i) => slice(matrix, [starts[index + i]!, starts[index]!], [own, sizes[index]!]))
  return factorTiles({ sizes, column }, { ...setting, blocks: parts.inner })
}

async function factorLeaf(matrix: Tensor2D, size: number, { ridge, firstRow }: Setting): Promise<LowerBlocks> {
  const block = Float64Array.from(await matrix.data())
  for (let i = 0; i < size; i++) block[i * size + i]! += ridge
  factorBlock(block, size, firstRow)
  return lowerLeaf({ lower: block, inverse: invertLowerBlock(block, size, firstRow), size })
}

async function factorTiles({ sizes, column }: TileSource, setting: Setting): Promise<LowerBlocks> {
  /** Per row of tiles, L's finished columns. */
  const lefts = sizes.map((): Tensor2D | undefined => undefined)
  const rows: LowerRow[] = []
  let firstRow = setting.firstRow
  try {
    for (const [j, size] of sizes.entries()) {
      const own = column(j)
      flushEngine()
      try {
        const updated = withoutProduct(own[0]!, lefts[j], lefts[j])
        const diagonal = await factorMatrix(updated, size, { ...setting, firstRow }).finally(() => updated.dispose())
        const above = lefts[j]
        rows.push(above ? { left: above, diagonal } : { diagonal })
        lefts[j] = undefined
        for (let i = j + 1; i < sizes.length; i++) {
          const left = lefts[i]
          lefts[i] = tidy(() => {
            const x = solveRight(diagonal, withoutProduct(own[i - j]!, left, above))
            return left ? concat([left, x], 1) : x
          })
          left?.dispose()
          // Alike for all tiles of a column: the engine builds its graph once.
          flushEngine()
        }
      } finally {
        own.forEach((tile) => tile.dispose())
      }
      firstRow += size
    }
  } catch (error) {
    lefts.forEach((left) => left?.dispose())
    disposeLower({ size: 0, rows })
    throw error
  }
  return rows.length === 1 ? rows[0]!.diagonal : { size: firstRow - setting.firstRow, rows }
}

/** tile − left · aboveᵀ, or a copy of the tile where nothing is left of it. */
function withoutProduct(tile: Tensor2D, left: Tensor2D | undefined, above: Tensor2D | undefined): Tensor2D {
  return left && above ? tidy(() => sub(tile, matMul(left, above, false, true))) : tile.clone()
}
