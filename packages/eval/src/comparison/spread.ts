import { twoDecimals } from '../metrics/measures'

/** What several seeds came to. */
export interface Spread {
  readonly mean: number
  /** Sample standard deviation (n − 1); absent for a single value, which has none. */
  readonly deviation?: number
  readonly count: number
}

/** @throws RangeError for no value at all */
export function spread(values: readonly number[]): Spread {
  const count = values.length
  if (count === 0) throw new RangeError('there is no value to take the mean of')
  const mean = values.reduce((sum, value) => sum + value, 0) / count
  if (count === 1) return { mean, count }
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, deviation: Math.sqrt(squares / (count - 1)), count }
}

/** `83.25`, or of several seeds `83.25 ± 0.41`. */
export const spreadText = ({ mean, deviation }: Spread, format = twoDecimals): string =>
  deviation === undefined ? format(mean) : `${format(mean)} ± ${format(deviation)}`
