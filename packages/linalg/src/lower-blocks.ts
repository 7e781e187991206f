import { concat, matMul, slice, sub, tensor2d, tidy, zeros } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'

/**
 * A lower triangular matrix in blocks. A leaf carries the inverse of its small triangle, so that every solve is a chain of matrix
 * products; above the leaves stand block columns, each a smaller triangle and the rectangle below it.
 */
export type LowerBlocks = LowerLeaf | LowerColumns

export interface LowerLeaf {
  readonly size: number
  readonly lower: Tensor2D
  readonly inverse: Tensor2D
}

export interface LowerColumns {
  readonly size: number
  readonly columns: readonly LowerColumn[]
}

export interface LowerColumn {
  readonly diagonal: LowerBlocks
  /** Absent in the last column. */
  readonly below?: Tensor2D
}

/**
 * Widths of the block columns, outermost first. Measured on 2 cores at size 5000: wide outer columns make long products, and the
 * innermost width balances the host's cubic work in a leaf against the number of reads.
 */
export const blockWidths: readonly number[] = [512, 128]

/** How a matrix of `size` rows is cut: the widths of its block columns and those of the levels below; undefined for a leaf. */
export function cut(
  size: number,
  blocks: readonly number[],
): { widths: number[]; inner: readonly number[] } | undefined {
  const level = blocks.findIndex((width) => width < size)
  if (level < 0) return undefined
  const width = blocks[level]!
  const widths = Array.from({ length: Math.ceil(size / width) }, (_, j) => Math.min(width, size - j * width))
  return { widths, inner: blocks.slice(level + 1) }
}

/** Throws a RangeError unless every width is a positive integer. */
export function checkBlocks(blocks: readonly number[]): void {
  if (blocks.length === 0 || blocks.some((width) => !Number.isInteger(width) || width < 1))
    throw new RangeError(`blocks must be positive integers, got [${blocks.join(', ')}]`)
}

/** A leaf from its triangle and the triangle's inverse, both [size, size] in float64. */
export function lowerLeaf({
  lower,
  inverse,
  size,
}: {
  lower: Float64Array
  inverse: Float64Array
  size: number
}): LowerLeaf {
  return {
    size,
    lower: tensor2d(Float32Array.from(lower), [size, size]),
    inverse: tensor2d(Float32Array.from(inverse), [size, size]),
  }
}

export function disposeLower(blocks: LowerBlocks): void {
  if ('inverse' in blocks) {
    blocks.lower.dispose()
    blocks.inverse.dispose()
  } else
    for (const { diagonal, below } of blocks.columns) {
      disposeLower(diagonal)
      below?.dispose()
    }
}

const rows = (matrix: Tensor2D, start: number, count: number) => slice(matrix, [start, 0], [count, matrix.shape[1]])
const columns = (matrix: Tensor2D, start: number, count: number) => slice(matrix, [0, start], [matrix.shape[0], count])

/** X with L X = B. */
export function solveLower(blocks: LowerBlocks, rhs: Tensor2D): Tensor2D {
  if ('inverse' in blocks) return matMul(blocks.inverse, rhs)
  return tidy(() => {
    const solved: Tensor2D[] = []
    let rest = rhs
    for (const { diagonal, below } of blocks.columns) {
      const x = solveLower(diagonal, below ? rows(rest, 0, diagonal.size) : rest)
      solved.push(x)
      if (below) rest = sub(rows(rest, diagonal.size, below.shape[0]), matMul(below, x))
    }
    return concat(solved, 0)
  })
}

/** X with Lᵀ X = B. */
export function solveLowerTransposed(blocks: LowerBlocks, rhs: Tensor2D): Tensor2D {
  if ('inverse' in blocks) return matMul(blocks.inverse, rhs, true)
  return tidy(() => {
    let solved: Tensor2D | undefined
    let start = blocks.size
    for (const { diagonal, below } of [...blocks.columns].reverse()) {
      start -= diagonal.size
      const own = rows(rhs, start, diagonal.size)
      const x = solveLowerTransposed(diagonal, below && solved ? sub(own, matMul(below, solved, true)) : own)
      solved = solved ? concat([x, solved], 0) : x
    }
    return solved!
  })
}

/** X with X Lᵀ = B: the rectangle below a factored diagonal block. */
export function solveRight(blocks: LowerBlocks, rhs: Tensor2D): Tensor2D {
  if ('inverse' in blocks) return matMul(rhs, blocks.inverse, false, true)
  return tidy(() => {
    const solved: Tensor2D[] = []
    let rest = rhs
    for (const { diagonal, below } of blocks.columns) {
      const x = solveRight(diagonal, below ? columns(rest, 0, diagonal.size) : rest)
      solved.push(x)
      if (below) rest = sub(columns(rest, diagonal.size, below.shape[0]), matMul(x, below, false, true))
    }
    return concat(solved, 1)
  })
}

/** The whole triangle as one matrix, zeros above. */
export function assembleLower(blocks: LowerBlocks): Tensor2D {
  if ('inverse' in blocks) return blocks.lower.clone()
  return tidy(() => {
    let above = 0
    const parts = blocks.columns.map(({ diagonal, below }) => {
      const part: Tensor2D[] = [assembleLower(diagonal)]
      if (above > 0) part.unshift(zeros([above, diagonal.size]))
      if (below) part.push(below)
      above += diagonal.size
      return concat(part, 0)
    })
    return concat(parts, 1)
  })
}
