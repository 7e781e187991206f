import { concat, matMul, slice, tensor2d, tidy } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { rankOneEigen } from './secular'
import { tridiagonalQL } from './tridiagonal-ql'

/** Eigen decomposition of a symmetric tridiagonal matrix. */
export interface TridiagonalEigen {
  /** Ascending. */
  readonly values: Float64Array
  /** [size, size]: column i belongs to value i. */
  readonly vectors: Tensor2D
}

/** The first and last row of the vectors ride along in float64: they are all that a merge needs to know of them. */
interface Part extends TridiagonalEigen {
  readonly first: Float64Array
  readonly last: Float64Array
}

/** Largest matrix that the QL iteration takes whole. */
const leafSize = 32

/**
 * Divide and conquer (Cuppen, Numerische Mathematik 36 (1981); deflation as in Dongarra & Sorensen, SISC 8 (1987)): halves are
 * solved apart, their union is a rank-one change of a diagonal matrix, whose vectors multiply the halves' in two matrix products.
 * Values are computed in float64 throughout, vectors in float32. Needs no read of the engine. Call it inside `tidy`.
 * @param diagonal [size]
 * @param off [size − 1]
 */
export function tridiagonalEigen(diagonal: Float64Array, off: Float64Array, leaf = leafSize): TridiagonalEigen {
  return solve(diagonal, off, leaf)
}

function solve(diagonal: Float64Array, off: Float64Array, leaf: number): Part {
  const size = diagonal.length
  if (size <= leaf) return solveLeaf(diagonal, off)
  const middle = size >> 1
  const coupling = off[middle - 1]!
  // T = diag(T₁, T₂) + |β| v vᵀ with v = (0 … 1, sign β … 0): the corners give up |β|.
  const head = diagonal.slice(0, middle)
  const tail = diagonal.slice(middle)
  head[middle - 1]! -= Math.abs(coupling)
  tail[0]! -= Math.abs(coupling)
  return merge(solve(head, off.slice(0, middle - 1), leaf), solve(tail, off.slice(middle), leaf), coupling)
}

function solveLeaf(diagonal: Float64Array, off: Float64Array): Part {
  const size = diagonal.length
  const { values, rows } = tridiagonalQL(diagonal, off)
  const vectors = new Float32Array(size * size)
  for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) vectors[i * size + j] = rows[j * size + i]!
  return {
    values,
    vectors: tensor2d(vectors, [size, size]),
    first: Float64Array.from({ length: size }, (_, j) => rows[j * size]!),
    last: Float64Array.from({ length: size }, (_, j) => rows[j * size + size - 1]!),
  }
}

function merge(head: Part, tail: Part, coupling: number): Part {
  const split = head.values.length
  const size = split + tail.values.length
  const d = new Float64Array(size)
  d.set(head.values)
  d.set(tail.values, split)
  const z = new Float64Array(size)
  const sign = coupling < 0 ? -1 : 1
  for (let i = 0; i < split; i++) z[i] = head.last[i]! * Math.SQRT1_2
  for (let i = split; i < size; i++) z[i] = sign * tail.first[i - split]! * Math.SQRT1_2
  const { values, columns } = diagonalPlusRankOne(d, z, 2 * Math.abs(coupling))

  const first = new Float64Array(size)
  const last = new Float64Array(size)
  for (let i = 0; i < split; i++) for (let j = 0; j < size; j++) first[j]! += head.first[i]! * columns[i * size + j]!
  for (let i = split; i < size; i++)
    for (let j = 0; j < size; j++) last[j]! += tail.last[i - split]! * columns[i * size + j]!

  const vectors: Tensor2D = tidy(() => {
    const change = tensor2d(Float32Array.from(columns), [size, size])
    return concat(
      [
        matMul<Tensor2D>(head.vectors, slice(change, [0, 0], [split, size])),
        matMul<Tensor2D>(tail.vectors, slice(change, [split, 0], [size - split, size])),
      ],
      0,
    )
  })
  head.vectors.dispose()
  tail.vectors.dispose()
  return { values, vectors, first, last }
}

interface Rotation {
  readonly i: number
  readonly j: number
  readonly c: number
  readonly s: number
}

/** Eigenvalues of diag(d) + ρ z zᵀ, ascending, and eigenvectors as the columns of `columns` [size, size]. */
function diagonalPlusRankOne(d: Float64Array, z: Float64Array, rho: number) {
  const size = d.length
  const { active, deflated, rotations } = deflate(d, z, rho)
  const { values: roots, rows } = rankOneEigen(
    Float64Array.from(active, (i) => d[i]!),
    Float64Array.from(active, (i) => z[i]!),
    rho,
  )
  const all = [
    ...active.map((_, root) => ({ value: roots[root]!, root, at: -1 })),
    ...deflated.map((at) => ({ value: d[at]!, root: -1, at })),
  ].sort((a, b) => a.value - b.value)

  const columns = new Float64Array(size * size)
  all.forEach(({ root, at }, column) => {
    if (root < 0) columns[at * size + column] = 1
    else active.forEach((row, k) => (columns[row * size + column] = rows[root * active.length + k]!))
  })
  for (const { i, j, c, s } of rotations.reverse())
    for (let a = i * size, b = j * size, end = a + size; a < end; a++, b++) {
      const x = columns[a]!
      const y = columns[b]!
      columns[a] = c * x - s * y
      columns[b] = s * x + c * y
    }
  return { values: Float64Array.from(all, ({ value }) => value), columns }
}

/**
 * Finds what the update leaves alone: entries of z that are nothing, and, where two d agree, the one whose z a rotation turns to
 * nothing. Changes d and z accordingly.
 */
function deflate(d: Float64Array, z: Float64Array, rho: number) {
  const order = Array.from(d.keys()).sort((a, b) => d[a]! - d[b]!)
  const largest = Math.max(Math.abs(d[order[0]!]!), Math.abs(d[order[order.length - 1]!]!), ...z.map(Math.abs))
  const tolerance = 8 * Number.EPSILON * largest
  const active: number[] = []
  const deflated: number[] = []
  const rotations: Rotation[] = []
  let held = -1
  for (const j of order) {
    if (rho * Math.abs(z[j]!) <= tolerance) {
      deflated.push(j)
      continue
    }
    if (held >= 0) {
      const i = held
      const length = Math.hypot(z[i]!, z[j]!)
      const c = z[j]! / length
      const s = -z[i]! / length
      if (Math.abs((d[j]! - d[i]!) * c * s) <= tolerance) {
        rotations.push({ i, j, c, s })
        z[j] = length
        z[i] = 0
        const low = d[i]! * c * c + d[j]! * s * s
        d[j] = d[i]! * s * s + d[j]! * c * c
        d[i] = low
        deflated.push(i)
      } else active.push(i)
    }
    held = j
  }
  if (held >= 0) active.push(held)
  return { active, deflated, rotations }
}
