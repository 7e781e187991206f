const epsilon = Number.EPSILON

/** Eigenvalues of D + ρ z zᵀ, and its eigenvectors. */
export interface RankOneEigen {
  readonly values: Float64Array
  /** [size, size], row-major: row j is the unit eigenvector of value j. */
  readonly rows: Float64Array
}

/**
 * Eigen decomposition of diag(d) + ρ z zᵀ, for ascending, well separated d, ρ > 0 and no z near zero (the others are deflated by
 * the caller). The values are the roots of the secular equation 1 + ρ Σ zᵢ²/(dᵢ − λ) = 0, each kept as a distance to the nearer
 * pole, so that the differences dᵢ − λⱼ come out to full relative accuracy; the vectors use the z for which these roots are
 * exact, which makes them orthogonal (Gu & Eisenstat, SIAM J. Matrix Anal. Appl. 15 (1994) and 16 (1995); roots: R.-C. Li, LAPACK
 * Working Note 89).
 */
export function rankOneEigen(d: Float64Array, z: Float64Array, rho: number): RankOneEigen {
  const size = d.length
  const values = new Float64Array(size)
  /** dᵢ − λⱼ in row j. */
  const gaps = new Float64Array(size * size)
  for (let j = 0; j < size; j++) {
    const { origin, offset } = secularRoot(d, z, rho, j)
    values[j] = d[origin]! + offset
    for (let i = 0; i < size; i++) gaps[j * size + i] = d[i]! - d[origin]! - offset
  }
  const exact = exactUpdate(d, z, gaps)
  const rows = gaps
  for (let j = 0; j < size; j++) {
    let squares = 0
    for (let i = 0; i < size; i++) {
      const value = exact[i]! / gaps[j * size + i]!
      rows[j * size + i] = value
      squares += value * value
    }
    const scale = 1 / Math.sqrt(squares)
    for (let i = 0; i < size; i++) rows[j * size + i]! *= scale
  }
  return { values, rows }
}

/** The update vector (but for a common factor) whose secular equation has exactly these roots (Löwner's formula). */
function exactUpdate(d: Float64Array, z: Float64Array, gaps: Float64Array): Float64Array {
  const size = d.length
  return Float64Array.from(z, (value, i) => {
    let product = -gaps[i * size + i]!
    for (let j = 0; j < size; j++) if (j !== i) product *= gaps[j * size + i]! / (d[i]! - d[j]!)
    return Math.sqrt(Math.abs(product)) * (value < 0 ? -1 : 1)
  })
}

/** The root between d[index] and d[index + 1] (or beyond the last), as a pole and the distance from it. */
function secularRoot(d: Float64Array, z: Float64Array, rho: number, index: number): { origin: number; offset: number } {
  const size = d.length
  const last = index === size - 1
  if (size === 1) return { origin: 0, offset: rho * z[0]! ** 2 }
  let lo: number
  let hi: number
  let origin = index
  if (last) {
    lo = 0
    hi = rho * z.reduce((sum, value) => sum + value * value, 0)
  } else {
    const half = (d[index + 1]! - d[index]!) / 2
    if (secular(d, z, rho, index, half, index).value >= 0) {
      lo = 0
      hi = half
    } else {
      origin = index + 1
      lo = -half
      hi = 0
    }
  }
  // The two poles that the rational model is built on: those around the root, or the last two.
  const left = last ? size - 2 : index
  let offset = (lo + hi) / 2
  for (let step = 0; step < 100; step++) {
    const { value, error, psiSlope, phiSlope } = secular(d, z, rho, origin, offset, left)
    if (Math.abs(value) <= error) break
    if (value < 0) lo = offset
    else hi = offset
    const next = offset + rationalStep(d, origin, offset, left, last, value, psiSlope, phiSlope)
    const safe = next > lo && next < hi ? next : (lo + hi) / 2
    if (safe === offset || safe === lo || safe === hi) break
    offset = safe
  }
  return { origin, offset }
}

/**
 * 1 + ρ Σ zᵢ²/(dᵢ − λ) at λ = d[origin] + offset, its rounding error, and its slopes from the poles up to `left` and from the
 * others.
 */
function secular(d: Float64Array, z: Float64Array, rho: number, origin: number, offset: number, left: number) {
  const base = d[origin]!
  let psi = 0
  let psiSlope = 0
  let phi = 0
  let phiSlope = 0
  for (let i = 0; i <= left; i++) {
    const ratio = z[i]! / (d[i]! - base - offset)
    psi += z[i]! * ratio
    psiSlope += ratio * ratio
  }
  for (let i = left + 1; i < d.length; i++) {
    const ratio = z[i]! / (d[i]! - base - offset)
    phi += z[i]! * ratio
    phiSlope += ratio * ratio
  }
  return {
    value: 1 + rho * (psi + phi),
    error: 4 * epsilon * (1 + rho * (Math.abs(psi) + Math.abs(phi))),
    psiSlope: rho * psiSlope,
    phiSlope: rho * phiSlope,
  }
}

/** Li's "middle way": the root of c + s/(Δ₁ − η) + S/(Δ₂ − η) that agrees with the equation in value and both slopes. */
function rationalStep(
  d: Float64Array,
  origin: number,
  offset: number,
  left: number,
  last: boolean,
  value: number,
  psiSlope: number,
  phiSlope: number,
): number {
  const near = d[left]! - d[origin]! - offset
  const far = d[left + 1]! - d[origin]! - offset
  const c = value - near * psiSlope - far * phiSlope
  const a = (near + far) * value - near * far * (psiSlope + phiSlope)
  const b = near * far * value
  const root = Math.sqrt(Math.abs(a * a - 4 * b * c))
  if (last) return a >= 0 ? (a + root) / (2 * c) : (2 * b) / (a - root)
  return a <= 0 ? (a - root) / (2 * c) : (2 * b) / (a + root)
}
