import type { Rng } from '@pilotjs/core/random'

/** How often a draw is repeated that happens to lie in the span of the rows before it. */
const attempts = 10

/**
 * Draws rows `from` … `to` − 1 of a table anew: normal numbers, less their projections on every row before (classical
 * Gram–Schmidt, as CODA-Prompt's code has it), scaled to length 1. Orthogonal to rows that are orthogonal to each other; rows
 * that training has moved may not be. Once the rows span the whole space, new ones are random directions.
 * @param rows [count, width] in reading order; what is drawn is written here
 */
export function drawOrthogonalRows(rows: Float32Array, width: number, from: number, to: number, rng: Rng): void {
  const before: Float64Array[] = Array.from({ length: from }, (_, row) =>
    Float64Array.from(rows.subarray(row * width, (row + 1) * width)),
  )
  for (let row = from; row < to; row++) before.push(drawOne(before, width, rng))
  for (let row = from; row < to; row++) {
    const drawn = before[row]!
    const length = Math.sqrt(dot(drawn, drawn))
    for (let i = 0; i < width; i++) rows[row * width + i] = drawn[i]! / length
  }
}

function drawOne(before: readonly Float64Array[], width: number, rng: Rng): Float64Array {
  let draw: Float64Array = new Float64Array(width)
  for (let attempt = 0; attempt < attempts; attempt++) {
    draw = Float64Array.from(rng.normals(width, 0, 1))
    const rest = draw.slice()
    for (const row of before) {
      const length = dot(row, row)
      if (length === 0) continue
      const share = dot(draw, row) / length
      for (let i = 0; i < width; i++) rest[i]! -= share * row[i]!
    }
    if (dot(rest, rest) >= 1e-8) return rest
  }
  return draw
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
