/** How a search spends its runs. */
export interface Rung {
  /** How many trials are still in it. */
  readonly trials: number
  /** How many seeds each of them has run by its end. */
  readonly seeds: number
}

/**
 * Random search: every trial on every seed. Successive halving (Jamieson & Talwalkar, AISTATS 2016), with seeds for the resource:
 * all trials on one seed, the better third of them on three, and so on; the last ones on all.
 * @param factor how many times fewer trials go on, and how many times more seeds they get
 */
export function rungsOf(sampler: 'random' | 'halving', trials: number, seeds: number, factor = 3): Rung[] {
  if (sampler === 'random') return [{ trials, seeds }]
  const rungs: Rung[] = []
  let left = trials
  for (let own = 1; ; own *= factor) {
    const last = own >= seeds || left === 1
    rungs.push({ trials: left, seeds: last ? seeds : own })
    if (last) return rungs
    left = Math.max(1, Math.ceil(left / factor))
  }
}

/** Runs that a search takes at most. */
export const runsOf = (rungs: readonly Rung[]): number =>
  rungs.reduce((sum, { trials, seeds }, index) => sum + trials * (seeds - (rungs[index - 1]?.seeds ?? 0)), 0)
