import { concat, matMul, slice, sub, tensor2d, tidy, zeros } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'

/**
 * A lower triangular matrix in blocks. A leaf carries the inverse of its small triangle, so that every solve is a chain of matrix
 * products; above the leaves stand block rows, each a smaller triangle and the rectangle left of it.
 */
export type LowerBlocks = LowerLeaf | LowerRows

export interface LowerLeaf {
  readonly size: number
  readonly lower: Tensor2D
  readonly inverse: Tensor2D
  /** log |det|, in float64. */
  readonly logDeterminant: number
}

export interface LowerRows {
  readonly size: number
  readonly rows: readonly LowerRow[]
}

export interface LowerRow {
  /** [diagonal.size, rows above]; absent in the first row. */
  readonly left?: Tensor2D
  readonly diagonal: LowerBlocks
}

/**
 * Sizes of the blocks, outermost first. Measured on 2 cores at size 5000: large outer blocks make long products, and the
 * innermost size balances the host's cubic work in a leaf against the number of reads.
 */
export const blockWidths: readonly number[] = [512, 128]

/** How a matrix of `size` rows is cut: the sizes of its blocks and those of the levels below; undefined for a leaf. */
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
    logDeterminant: sumOfLogs(lower, size),
  }
}

function sumOfLogs(lower: Float64Array, size: number): number {
  let sum = 0
  for (let i = 0; i < size; i++) sum += Math.log(Math.abs(lower[i * (size + 1)]!))
  return sum
}

/** log |det L|: the sum of the logarithms of what stands on the diagonal. */
export function logDeterminant(blocks: LowerBlocks): number {
  if ('inverse' in blocks) return blocks.logDeterminant
  return blocks.rows.reduce((sum, { diagonal }) => sum + logDeterminant(diagonal), 0)
}

export function disposeLower(blocks: LowerBlocks): void {
  if ('inverse' in blocks) {
    blocks.lower.dispose()
    blocks.inverse.dispose()
  } else
    for (const { left, diagonal } of blocks.rows) {
      left?.dispose()
      disposeLower(diagonal)
    }
}

/** X with L X = B. */
export function solveLower(blocks: LowerBlocks, rhs: Tensor2D): Tensor2D {
  if ('inverse' in blocks) return matMul(blocks.inverse, rhs)
  return tidy(() => {
    let solved: Tensor2D | undefined
    let start = 0
    for (const { left, diagonal } of blocks.rows) {
      const own = slice(rhs, [start, 0], [diagonal.size, rhs.shape[1]])
      const x = solveLower(diagonal, left && solved ? sub(own, matMul(left, solved)) : own)
      solved = solved ? concat([solved, x], 0) : x
      start += diagonal.size
    }
    return solved!
  })
}

/** X with Lᵀ X = B. */
export function solveLowerTransposed(blocks: LowerBlocks, rhs: Tensor2D): Tensor2D {
  if ('inverse' in blocks) return matMul(blocks.inverse, rhs, true)
  return tidy(() => {
    const columns = rhs.shape[1]
    const solved: Tensor2D[] = []
    let rest = rhs
    for (const { left, diagonal } of [...blocks.rows].reverse()) {
      const start = rest.shape[0] - diagonal.size
      const x = solveLowerTransposed(diagonal, left ? slice(rest, [start, 0], [diagonal.size, columns]) : rest)
      solved.unshift(x)
      if (left) rest = sub(slice(rest, [0, 0], [start, columns]), matMul(left, x, true))
    }
    return concat(solved, 0)
  })
}

/** X with X Lᵀ = B: a block below a factored diagonal block. */
export function solveRight(blocks: LowerBlocks, rhs: Tensor2D): Tensor2D {
  if ('inverse' in blocks) return matMul(rhs, blocks.inverse, false, true)
  return tidy(() => {
    let solved: Tensor2D | undefined
    let start = 0
    for (const { left, diagonal } of blocks.rows) {
      const own = slice(rhs, [0, start], [rhs.shape[0], diagonal.size])
      const x = solveRight(diagonal, left && solved ? sub(own, matMul(solved, left, false, true)) : own)
      solved = solved ? concat([solved, x], 1) : x
      start += diagonal.size
    }
    return solved!
  })
}

/** The whole triangle as one matrix, zeros above. */
export function assembleLower(blocks: LowerBlocks): Tensor2D {
  if ('inverse' in blocks) return blocks.lower.clone()
  return tidy(() => {
    let end = 0
    const rows = blocks.rows.map(({ left, diagonal }) => {
      end += diagonal.size
      const row: Tensor2D[] = [assembleLower(diagonal)]
      if (left) row.unshift(left)
      if (end < blocks.size) row.push(zeros([diagonal.size, blocks.size - end]))
      return concat(row, 1)
    })
    return concat(rows, 0)
  })
}
