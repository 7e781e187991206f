/** Eigenvalues in ascending order, and eigenvectors as the rows of `rows`. */
export interface HostEigen {
  readonly values: Float64Array
  /** [size, size], row-major: row i belongs to value i. */
  readonly rows: Float64Array
}

/** Steps of the iteration per eigenvalue; it takes two on average. */
const maxSteps = 60

/**
 * Eigen decomposition of a small symmetric tridiagonal matrix by the QL iteration with implicit shifts, in float64.
 * Bowdler, Martin, Reinsch & Wilkinson, "The QR and QL algorithms for symmetric matrices", Numerische Mathematik 11 (1968).
 * @param diagonal [size]
 * @param off [size − 1], beside the diagonal
 */
export function tridiagonalQL(diagonal: Float64Array, off: Float64Array): HostEigen {
  const size = diagonal.length
  const d = Float64Array.from(diagonal)
  const e = new Float64Array(size)
  e.set(off.subarray(0, size - 1))
  const rows = new Float64Array(size * size)
  for (let i = 0; i < size; i++) rows[i * size + i] = 1

  for (let l = 0; l < size; l++) {
    for (let step = 0; ; step++) {
      const m = firstNegligible(d, e, l)
      if (m === l) break
      if (step === maxSteps) throw new Error('the QL iteration did not converge: does the matrix hold NaN or Infinity?')
      // Wilkinson's shift: the eigenvalue of the leading 2 × 2 block that is nearer to d[l].
      const half = (d[l + 1]! - d[l]!) / (2 * e[l]!)
      const length = Math.hypot(half, 1)
      let g = d[m]! - d[l]! + e[l]! / (half + (half >= 0 ? length : -length))
      let s = 1
      let c = 1
      let p = 0
      let i = m - 1
      for (; i >= l; i--) {
        const f = s * e[i]!
        const b = c * e[i]!
        const r = Math.hypot(f, g)
        e[i + 1] = r
        if (r === 0) {
          // A rotation vanished: the matrix has split here.
          d[i + 1]! -= p
          e[m] = 0
          break
        }
        s = f / r
        c = g / r
        g = d[i + 1]! - p
        const t = (d[i]! - g) * s + 2 * c * b
        p = s * t
        d[i + 1] = g + p
        g = c * t - b
        rotateRows(rows, size, i, i + 1, c, s)
      }
      if (i >= l) continue
      d[l]! -= p
      e[l] = g
      e[m] = 0
    }
  }
  return sorted(d, rows)
}

/** The first m ≥ l whose neighbour e[m] is nothing beside the diagonal. */
function firstNegligible(d: Float64Array, e: Float64Array, l: number): number {
  let m = l
  for (; m < d.length - 1; m++) {
    const scale = Math.abs(d[m]!) + Math.abs(d[m + 1]!)
    if (Math.abs(e[m]!) <= Number.EPSILON * scale) break
  }
  return m
}

/** Row i becomes c·i − s·j, row j becomes s·i + c·j. */
function rotateRows(rows: Float64Array, size: number, i: number, j: number, c: number, s: number): void {
  for (let a = i * size, b = j * size, end = a + size; a < end; a++, b++) {
    const x = rows[a]!
    const y = rows[b]!
    rows[a] = c * x - s * y
    rows[b] = s * x + c * y
  }
}

function sorted(d: Float64Array, rows: Float64Array): HostEigen {
  const size = d.length
  const order = Array.from(d.keys()).sort((a, b) => d[a]! - d[b]!)
  const arranged = new Float64Array(size * size)
  order.forEach((from, to) => arranged.set(rows.subarray(from * size, (from + 1) * size), to * size))
  return { values: Float64Array.from(order, (i) => d[i]!), rows: arranged }
}
