/** PILOT's guard against division by zero, added to the norm (`EPSILON` of its base learner). */
const epsilon = 1e-8

/**
 * Rows over their Euclidean norm (+ 1e-8), in float64.
 * @param features [rows, width], row-major
 */
export function unitRows(features: Float32Array, width: number): Float64Array {
  const units = new Float64Array(features.length)
  for (let start = 0; start < features.length; start += width) {
    let squares = 0
    for (let k = 0; k < width; k++) squares += features[start + k]! ** 2
    const scale = 1 / (Math.sqrt(squares) + epsilon)
    for (let k = 0; k < width; k++) units[start + k] = features[start + k]! * scale
  }
  return units
}

/** Mean of the named rows. */
export function meanOfRows(rows: Float64Array, width: number, picked: readonly number[]): Float64Array {
  const mean = new Float64Array(width)
  for (const row of picked) for (let k = 0; k < width; k++) mean[k]! += rows[row * width + k]! / picked.length
  return mean
}

/** A vector over its norm; the zero vector stays. */
export function unitVector(vector: Float64Array): Float64Array {
  const norm = Math.sqrt(inner(vector, 0, vector, 0, vector.length))
  return norm === 0 ? vector : vector.map((value) => value / norm)
}

/**
 * Herding: the exemplars whose running mean stays nearest to the class mean, best first, so that any beginning of the list is a
 * good set as well (Rebuffi et al., iCaRL, CVPR 2017, algorithm 4). As in PILOT, rows are normalised, their mean is not, and the
 * first of equals wins. Works in float64: where PILOT's float32 decides by rounding (margins below about 1e-6) the pick may
 * differ.
 * @param features [images of one class, width], row-major
 * @param count how many to pick; all of them if there are fewer
 * @returns positions of the picked rows
 */
export function herd(features: Float32Array, width: number, count: number): number[] {
  const total = features.length / width
  if (!Number.isInteger(total)) throw new RangeError(`${features.length} numbers are no rows of width ${width}`)
  const units = unitRows(features, width)
  const all = Array.from({ length: total }, (_, i) => i)
  const mean = meanOfRows(units, width, all)
  const squares = Float64Array.from(all, (i) => inner(units, i * width, units, i * width, width))
  const sum = new Float64Array(width)
  const target = new Float64Array(width)
  const free = new Set(all)
  const picked: number[] = []
  while (picked.length < Math.min(count, total)) {
    const size = picked.length + 1
    // ‖μ − (S + v)/k‖² = ‖t − v/k‖² with t = μ − S/k; ‖t‖² is the same for all candidates.
    for (let k = 0; k < width; k++) target[k] = mean[k]! - sum[k]! / size
    let best = -1
    let least = Infinity
    for (const i of free) {
      const distance = squares[i]! / size ** 2 - (2 * inner(units, i * width, target, 0, width)) / size
      if (distance < least) {
        least = distance
        best = i
      }
    }
    if (best < 0) throw new RangeError('herding met features that are NaN: the network has diverged')
    free.delete(best)
    picked.push(best)
    for (let k = 0; k < width; k++) sum[k]! += units[best * width + k]!
  }
  return picked
}

function inner(a: Float64Array, start: number, b: Float64Array, other: number, length: number): number {
  let even = 0
  let odd = 0
  let k = 0
  for (; k + 1 < length; k += 2) {
    even += a[start + k]! * b[other + k]!
    odd += a[start + k + 1]! * b[other + k + 1]!
  }
  return k < length ? even + odd + a[start + k]! * b[other + k]! : even + odd
}
