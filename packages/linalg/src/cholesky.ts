import { concat, matMul, slice, sub, tidy } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { factorBlock, invertLowerBlock } from './host/block'
import {
  assembleLower,
  blockWidths,
  checkBlocks,
  cut,
  disposeLower,
  lowerLeaf,
  solveLower,
  solveLowerTransposed,
  solveRight,
} from './lower-blocks'
import type { LowerBlocks, LowerColumn } from './lower-blocks'
import { checkRightHandSide, squareSize } from './shapes'

export interface CholeskyOptions {
  /** Added to every entry of the diagonal, without a copy of the matrix. Default 0. */
  ridge?: number
  /** Widths of the block columns, outermost first, each smaller than the one before it. Default 512, 128. */
  blocks?: readonly number[]
}

/**
 * Part of a symmetric matrix that determines it: block columns from their diagonal down. With widths w₀, w₁, … and size n, the j-th
 * has shape [n − w₀ − … − wⱼ₋₁, wⱼ]. Half the memory of the whole matrix.
 */
export type LowerPanels = readonly Tensor2D[]

/** A = L Lᵀ, ready to solve. */
export interface CholeskyFactor {
  readonly size: number
  /** X with A X = B, both [size, columns]. */
  solve(rhs: Tensor2D): Tensor2D
  /** X with L X = B: half a solve; ‖X‖² per column is bᵀ A⁻¹ b. */
  solveLower(rhs: Tensor2D): Tensor2D
  /** L as one matrix [size, size]. */
  lower(): Tensor2D
  dispose(): void
}

/** Rows `start` and below of the columns `start … start + width − 1` of a symmetric matrix; the caller disposes it. */
type PanelSource = (start: number, width: number, index: number) => Tensor2D

/**
 * Factors a symmetric positive definite matrix, of which it reads only the lower triangle. Blocked and left-looking: each block column
 * takes one matrix product with all columns left of it, the diagonal blocks go down to leaves that the host factors in float64.
 * One read per leaf (128 rows), and n³/3 flops, nearly all of them in matrix products.
 * Golub & Van Loan, Matrix Computations, 4th edition, § 4.2.
 * @param matrix [n, n], or its lower panels
 * @throws NotPositiveDefiniteError, RangeError
 */
export async function choleskyFactor(
  matrix: Tensor2D | LowerPanels,
  { ridge = 0, blocks = blockWidths }: CholeskyOptions = {},
): Promise<CholeskyFactor> {
  checkBlocks(blocks)
  const factor = isPanels(matrix)
    ? await factorize(panelsSource(matrix), panelWidths(matrix), blocks, ridge, 0)
    : await factorMatrix(matrix, squareSize(matrix, 'the matrix'), blocks, ridge, 0)
  const { size } = factor
  return {
    size,
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
  matrix: Tensor2D | LowerPanels,
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

function isPanels(matrix: Tensor2D | LowerPanels): matrix is LowerPanels {
  return Array.isArray(matrix)
}

function panelWidths(panels: LowerPanels): number[] {
  const widths = panels.map((panel) => panel.shape[1])
  let left = widths.reduce((sum, width) => sum + width, 0)
  panels.forEach((panel, index) => {
    if (panel.shape[0] !== left)
      throw new RangeError(
        `panel ${index} must have shape [${left}, ${panel.shape[1]}], got [${panel.shape.join(', ')}]`,
      )
    left -= panel.shape[1]
  })
  if (widths.length === 0) throw new RangeError('a matrix needs at least one panel')
  return widths
}

const panelsSource =
  (panels: LowerPanels): PanelSource =>
  (_start, _width, index) =>
    panels[index]!.clone()

async function factorMatrix(
  matrix: Tensor2D,
  size: number,
  blocks: readonly number[],
  ridge: number,
  firstRow: number,
): Promise<LowerBlocks> {
  const parts = cut(size, blocks)
  if (!parts) return factorLeaf(matrix, size, ridge, firstRow)
  const source: PanelSource = (start, own) => slice(matrix, [start, start], [size - start, own])
  return factorize(source, parts.widths, parts.inner, ridge, firstRow)
}

async function factorLeaf(matrix: Tensor2D, size: number, ridge: number, firstRow: number): Promise<LowerBlocks> {
  const block = Float64Array.from(await matrix.data())
  for (let i = 0; i < size; i++) block[i * size + i]! += ridge
  factorBlock(block, size, firstRow)
  return lowerLeaf({ lower: block, inverse: invertLowerBlock(block, size, firstRow), size })
}

async function factorize(
  source: PanelSource,
  widths: readonly number[],
  blocks: readonly number[],
  ridge: number,
  firstRow: number,
): Promise<LowerBlocks> {
  const size = widths.reduce((sum, width) => sum + width, 0)
  const columns: LowerColumn[] = []
  /** L's finished columns, from the current row down: [size − start, start]. */
  let left: Tensor2D | undefined
  let start = 0
  try {
    for (const [index, width] of widths.entries()) {
      const height = size - start
      const panel: Tensor2D = tidy(() => {
        const own = source(start, width, index)
        return left ? sub(own, matMul(left, slice(left, [0, 0], [width, start]), false, true)) : own
      })
      const top = slice(panel, [0, 0], [width, width])
      try {
        const diagonal = await factorMatrix(top, width, blocks, ridge, firstRow + start)
        if (height === width) {
          columns.push({ diagonal })
        } else {
          const below = solveRightOf(diagonal, panel)
          columns.push({ diagonal, below })
          const next = tidy(() =>
            left ? concat([slice(left, [width, 0], [height - width, start]), below], 1) : below.clone(),
          )
          left?.dispose()
          left = next
        }
      } finally {
        panel.dispose()
        top.dispose()
      }
      start += width
    }
  } catch (error) {
    disposeLower({ size, columns })
    throw error
  } finally {
    left?.dispose()
  }
  return columns.length === 1 ? columns[0]!.diagonal : { size, columns }
}

function solveRightOf(diagonal: LowerBlocks, panel: Tensor2D): Tensor2D {
  const { size } = diagonal
  return tidy(() => solveRight(diagonal, slice(panel, [size, 0], [panel.shape[0] - size, size])))
}
