import { NotPositiveDefiniteError, SingularMatrixError } from '../errors'

/**
 * Cholesky factorisation of one small block, in place, in float64 (only the lower triangle is read; the upper becomes zero).
 * @param block [size, size], row-major
 * @param firstRow where the block stands in the whole matrix, for the error's sake
 * @throws NotPositiveDefiniteError
 */
export function factorBlock(block: Float64Array, size: number, firstRow: number): void {
  for (let i = 0; i < size; i++) {
    const row = i * size
    for (let j = 0; j < i; j++) {
      const other = j * size
      block[row + j] = (block[row + j]! - dot(block, row, block, other, j)) / block[other + j]!
    }
    const pivot = block[row + i]! - dot(block, row, block, row, i)
    if (!(pivot > 0 && pivot < Infinity)) throw new NotPositiveDefiniteError(firstRow + i, pivot)
    block[row + i] = Math.sqrt(pivot)
    block.fill(0, row + i + 1, row + size)
  }
}

/**
 * Inverse of a lower triangular block, in float64.
 * @param lower [size, size], row-major; what stands above its diagonal is not read
 * @throws SingularMatrixError
 */
export function invertLowerBlock(lower: Float64Array, size: number, firstRow: number): Float64Array {
  const inverse = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    const row = i * size
    const pivot = lower[row + i]!
    if (pivot === 0 || !Number.isFinite(pivot)) throw new SingularMatrixError(firstRow + i, pivot)
    const scale = 1 / pivot
    for (let k = 0; k < i; k++) {
      const factor = lower[row + k]!
      const source = k * size
      for (let j = 0; j <= k; j++) inverse[row + j]! -= factor * inverse[source + j]!
    }
    for (let j = 0; j < i; j++) inverse[row + j]! *= scale
    inverse[row + i] = scale
  }
  return inverse
}

/** Σ a[start + k] · b[other + k] over `length` entries; four sums, so that additions need not wait for each other. */
export function dot(
  a: Float64Array | Float32Array,
  start: number,
  b: Float64Array | Float32Array,
  other: number,
  length: number,
): number {
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  let k = 0
  for (; k + 3 < length; k += 4) {
    s0 += a[start + k]! * b[other + k]!
    s1 += a[start + k + 1]! * b[other + k + 1]!
    s2 += a[start + k + 2]! * b[other + k + 2]!
    s3 += a[start + k + 3]! * b[other + k + 3]!
  }
  for (; k < length; k++) s0 += a[start + k]! * b[other + k]!
  return s0 + s1 + (s2 + s3)
}
