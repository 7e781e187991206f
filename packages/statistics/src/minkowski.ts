/**
 * Minkowski distances between rows, (Σ |a − b|^p)^(1/p), in float64.
 * @param a [rows, width] in reading order
 * @param b [columns, width] in reading order
 * @param power p, above 0: 2 is Euclid's
 * @returns [rows, columns] in reading order
 */
export function minkowskiDistances(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  width: number,
  power: number,
): Float64Array {
  if (!(power > 0)) throw new RangeError(`minkowskiDistances: the power must be above 0, got ${power}`)
  if (!(a.length % width === 0 && b.length % width === 0))
    throw new RangeError(`minkowskiDistances: ${a.length} and ${b.length} numbers are no rows of width ${width}`)
  const [rows, columns] = [a.length / width, b.length / width]
  const distances = new Float64Array(rows * columns)
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      let sum = 0
      for (let k = 0; k < width; k++) sum += Math.abs(a[i * width + k]! - b[j * width + k]!) ** power
      distances[i * columns + j] = sum ** (1 / power)
    }
  return distances
}
