import { concat, matMul, slice, sub, tensor2d, tidy } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { dot } from '../host/block'

/** A block of Householder reflections, H₀ H₁ … = I − V T Vᵀ (Schreiber & Van Loan, SISC 10 (1989)). */
export interface Reflections {
  /** V, [size, reflections]. */
  readonly vectors: Tensor2D
  /** T, [reflections, reflections], upper triangular. */
  readonly factor: Tensor2D
}

/** A = Q T Qᵀ, T tridiagonal, Q the product of the reflections. */
export interface Tridiagonal {
  readonly diagonal: Float64Array
  readonly off: Float64Array
  readonly reflections: readonly Reflections[]
}

/** Columns reduced between two updates of the rest. */
const panelWidth = 32

/**
 * Householder reduction of a symmetric matrix to tridiagonal form. Columns are reduced in panels on the host in float64; the rest
 * of the matrix then changes by one matrix product (Dongarra, Hammarling & Sorensen, J. Comput. Appl. Math. 27 (1989)). One read
 * a panel.
 * @param matrix [size, size], symmetric
 */
export async function tridiagonalize(matrix: Tensor2D, width = panelWidth): Promise<Tridiagonal> {
  const size = matrix.shape[0]
  const diagonal = new Float64Array(size)
  const off = new Float64Array(Math.max(0, size - 1))
  const reflections: Reflections[] = []
  let rest = matrix.clone()
  for (let start = 0; start < size; start += width) {
    const height = size - start
    const panel = reducePanel((await rest.data()) as Float32Array, height, Math.min(width, height))
    diagonal.set(panel.diagonal, start)
    off.set(panel.off, start)
    reflections.push(blockOf(panel, start, size))
    const next = height > width ? trailing(rest, panel, width) : undefined
    rest.dispose()
    if (next) rest = next
  }
  return { diagonal, off, reflections }
}

export function disposeReflections(reflections: readonly Reflections[]): void {
  for (const { vectors, factor } of reflections) {
    vectors.dispose()
    factor.dispose()
  }
}

/** Q X for the product Q of all reflections. */
export function applyReflections(reflections: readonly Reflections[], x: Tensor2D): Tensor2D {
  return tidy(() =>
    [...reflections]
      .reverse()
      .reduce<Tensor2D>(
        (z, { vectors, factor }) => sub(z, matMul(matMul(vectors, factor), matMul(vectors, z, true))),
        x.clone(),
      ),
  )
}

interface Panel {
  readonly height: number
  readonly diagonal: Float64Array
  readonly off: Float64Array
  /** Householder vectors, each [height], and their factors. */
  readonly v: Float64Array[]
  readonly tau: number[]
  /** The rest changes by − V Wᵀ − W Vᵀ. */
  readonly w: Float64Array[]
}

function reducePanel(a: Float32Array, height: number, width: number): Panel {
  const diagonal = new Float64Array(width)
  const off = new Float64Array(Math.min(width, height - 1))
  const v: Float64Array[] = []
  const w: Float64Array[] = []
  const tau: number[] = []
  for (let i = 0; i < width; i++) {
    const column = new Float64Array(height)
    for (let r = i; r < height; r++) column[r] = a[r * height + i]!
    for (let p = 0; p < i; p++) {
      addScaled(column, v[p]!, -w[p]![i]!, i)
      addScaled(column, w[p]!, -v[p]![i]!, i)
    }
    diagonal[i] = column[i]!
    if (i + 1 === height) break
    const { vector, factor, length } = householder(column, i + 1)
    off[i] = length
    const update = factor === 0 ? new Float64Array(height) : multiplyTrailing(a, vector, height, i + 1)
    if (factor !== 0) {
      for (let p = 0; p < i; p++) {
        const count = height - i - 1
        addScaled(update, v[p]!, -dot(w[p]!, i + 1, vector, i + 1, count), i + 1)
        addScaled(update, w[p]!, -dot(v[p]!, i + 1, vector, i + 1, count), i + 1)
      }
      for (let r = i + 1; r < height; r++) update[r]! *= factor
      addScaled(update, vector, (-factor * dot(update, i + 1, vector, i + 1, height - i - 1)) / 2, i + 1)
    }
    v.push(vector)
    w.push(update)
    tau.push(factor)
  }
  return { height, diagonal, off, v, tau, w }
}

/** target[r] += factor · source[r] for r ≥ start. */
function addScaled(target: Float64Array, source: Float64Array, factor: number, start: number): void {
  for (let r = start; r < target.length; r++) target[r]! += factor * source[r]!
}

/** (I − factor · v vᵀ) maps the column from `start` on to (length, 0, 0, …); v[start] = 1 and v is zero before. */
function householder(column: Float64Array, start: number): { vector: Float64Array; factor: number; length: number } {
  const vector = new Float64Array(column.length)
  vector[start] = 1
  const head = column[start]!
  let squares = 0
  for (let r = start + 1; r < column.length; r++) squares += column[r]! ** 2
  if (squares === 0) return { vector, factor: 0, length: head }
  const length = head > 0 ? -Math.sqrt(head * head + squares) : Math.sqrt(head * head + squares)
  for (let r = start + 1; r < column.length; r++) vector[r] = column[r]! / (head - length)
  return { vector, factor: (length - head) / length, length }
}

/** A[start:, start:] · x[start:], four rows at a time, so that x is fetched once for all of them. */
function multiplyTrailing(a: Float32Array, x: Float64Array, height: number, start: number): Float64Array {
  const y = new Float64Array(height)
  let r = start
  for (; r + 3 < height; r += 4) {
    const [r0, r1, r2, r3] = [r * height, (r + 1) * height, (r + 2) * height, (r + 3) * height]
    let s0 = 0
    let s1 = 0
    let s2 = 0
    let s3 = 0
    for (let k = start; k < height; k++) {
      const value = x[k]!
      s0 += a[r0 + k]! * value
      s1 += a[r1 + k]! * value
      s2 += a[r2 + k]! * value
      s3 += a[r3 + k]! * value
    }
    y[r] = s0
    y[r + 1] = s1
    y[r + 2] = s2
    y[r + 3] = s3
  }
  for (; r < height; r++) y[r] = dot(a, r * height + start, x, start, height - start)
  return y
}

/** The matrix below and right of a panel, after it. */
function trailing(rest: Tensor2D, { height, v, w }: Panel, width: number): Tensor2D {
  const count = height - width
  const columnsOf = (columns: readonly Float64Array[]) => {
    const values = new Float32Array(count * columns.length)
    columns.forEach((column, c) => {
      for (let r = 0; r < count; r++) values[r * columns.length + c] = column[width + r]!
    })
    return tensor2d(values, [count, columns.length])
  }
  return tidy(() => {
    const vectors = columnsOf(v)
    const updates = columnsOf(w)
    const change = matMul(concat([vectors, updates], 1), concat([updates, vectors], 1), false, true)
    return sub(slice(rest, [width, width], [count, count]), change)
  })
}

function blockOf({ height, v, tau }: Panel, start: number, size: number): Reflections {
  const count = Math.max(1, v.length)
  const vectors = new Float32Array(size * count)
  v.forEach((vector, c) => {
    for (let r = 0; r < height; r++) vectors[(start + r) * count + c] = vector[r]!
  })
  const factor = new Float64Array(count * count)
  v.forEach((vector, i) => {
    factor[i * count + i] = tau[i]!
    const products = v.slice(0, i).map((earlier) => dot(earlier, 0, vector, 0, height))
    for (let r = 0; r < i; r++) {
      let sum = 0
      for (let k = r; k < i; k++) sum += factor[r * count + k]! * products[k]!
      factor[r * count + i] = -tau[i]! * sum
    }
  })
  return {
    vectors: tensor2d(vectors, [size, count]),
    factor: tensor2d(Float32Array.from(factor), [count, count]),
  }
}
