import type { Recorded } from './case'

/** Largest |a − b| / (1 + |b|); Infinity where one is no number or the lengths differ. */
export function deviation(actual: readonly number[], expected: readonly number[]): number {
  if (actual.length !== expected.length) return Infinity
  let most = 0
  for (const [i, value] of actual.entries()) {
    const distance = Math.abs(value - expected[i]!) / (1 + Math.abs(expected[i]!))
    if (Number.isNaN(distance)) return Infinity
    most = Math.max(most, distance)
  }
  return most
}

/** In words, what of a case's results is not what was recorded; empty where all is. */
export function differences(
  results: Readonly<Record<string, Recorded>>,
  expected: Readonly<Record<string, Recorded>>,
  tolerance: number,
): string[] {
  const missing = Object.keys(expected).filter((name) => !(name in results))
  const wrong = Object.entries(results).flatMap(([name, { shape, values }]) => {
    const record = expected[name]
    if (!record) return [`${name} was not recorded`]
    if (shape.join() !== record.shape.join())
      return [`${name} has shape [${shape.join()}], not [${record.shape.join()}]`]
    const off = deviation(values, record.values)
    return off <= tolerance ? [] : [`${name} is off by ${off.toExponential(1)}`]
  })
  return [...missing.map((name) => `${name} is missing`), ...wrong]
}
