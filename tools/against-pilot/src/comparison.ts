import type { Outcome } from './job'
import { deviation, mean, median } from './statistics'

/** Both sides' outcomes with one seed. */
export interface Pair {
  readonly seed: number
  readonly pilot: Outcome
  readonly pilotjs: Outcome
}

/** Mean and standard deviation over seeds. */
export interface Spread {
  readonly mean: number
  readonly deviation: number
}

/** A reading of both sides: its curve, task by task, and what one says about curves. */
export interface ReadingComparison {
  readonly pilot: SideSummary
  readonly pilotjs: SideSummary
  /** pilotjs minus PILOT in last accuracy, seed by seed. */
  readonly difference: Spread
  /**
   * The means are no further apart than the tolerance, or than either side's own standard deviation; undefined of one seed alone.
   */
  readonly agrees?: boolean
}

export interface SideSummary {
  readonly curve: readonly Spread[]
  readonly last: Spread
  /** Mean of the curve: average incremental accuracy. */
  readonly average: Spread
}

export interface Comparison {
  readonly seeds: readonly number[]
  readonly head: ReadingComparison
  readonly nearestMean?: ReadingComparison
  /** Medians of pilotjs over PILOT, seed by seed. */
  readonly ratios: {
    readonly cpu: number
    /** Of CPU seconds less those of the start. */
    readonly cpuAfterStart: number
    readonly wall: number
    readonly memory: number
  }
  readonly pilot: Costs
  readonly pilotjs: Costs
}

/** Medians over seeds. */
export interface Costs {
  readonly cpuSeconds: number
  readonly startCpuSeconds: number
  readonly wallSeconds: number
  readonly peakBytes: number
}

/** Points of last accuracy that two ways to draw the same random numbers may be apart. */
export const TOLERANCE = 1.5

/** @throws Error where there is nothing to compare */
export function comparePairs(pairs: readonly Pair[], tolerance = TOLERANCE): Comparison {
  if (pairs.length === 0) throw new Error('there is no seed that both sides have done')
  const reading = (name: 'head' | 'nearestMean') => {
    const [pilot, pilotjs] = (['pilot', 'pilotjs'] as const).map((side) => pairs.map((pair) => pair[side][name]))
    return compareCurves(pilot!, pilotjs!, tolerance)
  }
  const ratio = (of: (outcome: Outcome) => number) => median(pairs.map(({ pilot, pilotjs }) => of(pilotjs) / of(pilot)))
  const both = pairs.every(({ pilot, pilotjs }) => pilot.nearestMean.length > 0 && pilotjs.nearestMean.length > 0)
  return {
    seeds: pairs.map(({ seed }) => seed),
    head: reading('head'),
    ...(both ? { nearestMean: reading('nearestMean') } : {}),
    ratios: {
      cpu: ratio(({ cpuSeconds }) => cpuSeconds),
      cpuAfterStart: ratio(({ cpuSeconds, startCpuSeconds }) => cpuSeconds - startCpuSeconds),
      wall: ratio(({ wallSeconds }) => wallSeconds),
      memory: ratio(({ peakBytes }) => peakBytes),
    },
    pilot: costs(pairs.map(({ pilot }) => pilot)),
    pilotjs: costs(pairs.map(({ pilotjs }) => pilotjs)),
  }
}

function compareCurves(
  pilot: readonly (readonly number[])[],
  pilotjs: readonly (readonly number[])[],
  tolerance: number,
): ReadingComparison {
  const [theirs, ours] = [summarize(pilot), summarize(pilotjs)]
  const difference = spread(pilotjs.map((curve, i) => curve.at(-1)! - pilot[i]!.at(-1)!))
  const allowed = Math.max(tolerance, theirs.last.deviation, ours.last.deviation)
  // One seed has no spread, and trained heads scatter by several points.
  const agrees = pilot.length < 2 ? undefined : Math.abs(difference.mean) <= allowed
  return { pilot: theirs, pilotjs: ours, difference, agrees }
}

function summarize(curves: readonly (readonly number[])[]): SideSummary {
  return {
    curve: curves[0]!.map((_, task) => spread(curves.map((curve) => curve[task]!))),
    last: spread(curves.map((curve) => curve.at(-1)!)),
    average: spread(curves.map(mean)),
  }
}

const spread = (values: readonly number[]): Spread => ({ mean: mean(values), deviation: deviation(values) })

const costs = (outcomes: readonly Outcome[]): Costs => ({
  cpuSeconds: median(outcomes.map(({ cpuSeconds }) => cpuSeconds)),
  startCpuSeconds: median(outcomes.map(({ startCpuSeconds }) => startCpuSeconds)),
  wallSeconds: median(outcomes.map(({ wallSeconds }) => wallSeconds)),
  peakBytes: median(outcomes.map(({ peakBytes }) => peakBytes)),
})
