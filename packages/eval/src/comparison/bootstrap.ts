import type { Rng } from '@pilotjs/core/random'

/** A 95 % confidence interval. */
export interface Interval {
  readonly low: number
  readonly high: number
}

/** Draws made for an interval: its ends then move by less than a tenth of its width from one set of draws to another. */
export const RESAMPLES = 2000

/** How often each of so many things comes in one bootstrap sample: as many draws with replacement. */
export function drawCounts(length: number, rng: Rng): Uint16Array {
  const counts = new Uint16Array(length)
  for (let draw = 0; draw < length; draw++) counts[rng.int(length)]!++
  return counts
}

/**
 * The middle 95 % of bootstrap values (the percentile interval: Efron & Tibshirani, "An Introduction to the Bootstrap", 1993, ch.
 * 13), straight lines between neighbours.
 * @throws RangeError for no value
 */
export function percentileInterval(values: ArrayLike<number>): Interval {
  if (values.length === 0) throw new RangeError('there is no value to take an interval of')
  const sorted = Float64Array.from(values).sort()
  const at = (share: number) => {
    const place = share * (sorted.length - 1)
    const below = Math.floor(place)
    const above = Math.min(below + 1, sorted.length - 1)
    return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!)
  }
  return { low: at(0.025), high: at(0.975) }
}
