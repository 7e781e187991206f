/** Largest deviation that counts as equal: float32 noise of a faithful port stays below it, a wrong epsilon does not. */
export const tolerance = 2e-5

/** Where a value departs most from the recorded one, relative to 1 + |recorded|. */
export interface Deviation {
  readonly value: number
  /** Flat position of the largest deviation. */
  readonly at: number
}

/**
 * Deviations relative to 1 + |recorded|. A number on either side that is no number departs infinitely.
 * @param scale stands in for |recorded| where that is smaller
 */
export function largestDeviation(values: ArrayLike<number>, recorded: ArrayLike<number>, scale = 0): Deviation {
  let value = 0
  let at = 0
  for (let i = 0; i < recorded.length; i++) {
    const distance = Math.abs(values[i]! - recorded[i]!) / (1 + Math.max(Math.abs(recorded[i]!), scale))
    const departs = values[i] === recorded[i] ? 0 : Number.isNaN(distance) ? Infinity : distance
    if (departs > value) {
      value = departs
      at = i
    }
  }
  return { value, at }
}

/**
 * Where rows depart most in direction (numbers of the unit rows) or in length (relative to the recorded one); equal rows of zeros
 * do not.
 * @param width numbers a row
 */
export function directionDeviation(values: ArrayLike<number>, recorded: ArrayLike<number>, width: number): Deviation {
  let worst: Deviation = { value: 0, at: 0 }
  const takes = (value: number, at: number) => {
    if (value > worst.value) worst = { value, at }
  }
  for (let first = 0; first < recorded.length; first += width) {
    const [own, theirs] = [values, recorded].map((all) => Array.from({ length: width }, (_, i) => all[first + i]!)) as [
      number[],
      number[],
    ]
    const [length, expected] = [Math.hypot(...own), Math.hypot(...theirs)]
    const unit = (row: readonly number[], by: number) => row.map((value) => (by === 0 ? 0 : value / by))
    const { value, at } = largestDeviation(unit(own, length), unit(theirs, expected))
    takes(value, first + at)
    if (length !== expected) takes(largestDeviation([length / expected], [1]).value, first)
  }
  return worst
}

/**
 * Root mean square of a tensor. A small entry of a table of sums (a Gram matrix) carries the rounding of the large products
 * that it is made of, in the record as here.
 */
export function rootMeanSquare(values: Float32Array | Int32Array): number {
  let sum = 0
  for (const value of values) sum += value ** 2
  return values.length === 0 ? 0 : Math.sqrt(sum / values.length)
}

/** Of each row, the column of the largest number (the first of equals) and how far ahead of the second it is. */
export function winners(scores: ArrayLike<number>, columns: number): { winner: number; margin: number }[] {
  return Array.from({ length: scores.length / columns }, (_, row) => {
    let winner = 0
    let first = -Infinity
    let second = -Infinity
    for (let column = 0; column < columns; column++) {
      const score = scores[row * columns + column]!
      if (score > first) {
        second = first
        first = score
        winner = column
      } else if (score > second) second = score
    }
    return { winner, margin: (first - second) / (1 + Math.abs(first)) }
  })
}
