import { createRng } from '@pilotjs/core/random'
import type { Predictions } from '../protocol/record'
import type { Interval } from './bootstrap'
import { RESAMPLES, drawCounts, percentileInterval } from './bootstrap'
import type { ComparedRun, Comparison } from './compare-runs'

/** Seeds that two settings must share for an interval over seeds: of two, the bootstrap has three values only. */
const LEAST_SEEDS = 3

/** What an interval speaks of: other seeds, other test images, or both. */
export type Resampled = 'seeds' | 'images' | 'seeds and images'

/** How far two settings are apart in one measure, seed by seed. */
export interface Difference {
  /** In the mean over the seeds that both have: the setting's minus the reference's, percent points. */
  readonly mean: number
  /** 95 %; absent where there is nothing to resample. */
  readonly interval?: Interval & { readonly over: Resampled }
}

/** One setting against another, on the same data in the same stream. */
export interface PairedDifference {
  readonly name: string
  readonly reference: string
  /** The seeds that both have. */
  readonly seeds: readonly number[]
  readonly averageIncrementalAccuracy: Difference
  readonly lastAccuracy: Difference
}

/**
 * Every setting against one of them, over the seeds that both have: against `reference`, by default the first (the one with the
 * highest average) of those with the most seeds. A setting that learned other data or another stream, is not complete or shares
 * no seed is left out.
 *
 * Intervals are 95 % percentile intervals of a paired bootstrap. Seeds are resampled from three shared ones on. Where all runs of
 * a pair were asked about the same test images at the end, the last accuracy resamples these, too, independently of the seeds
 * (Owen, "The pigeonhole bootstrap", Annals of Applied Statistics 2007, which errs to the wide side), or alone where there are
 * fewer seeds. One draw of images serves all runs, so that what two methods both get right or wrong cancels out. The same runs
 * give the same interval.
 */
export function pairedDifferences(
  comparisons: readonly Comparison[],
  reference: Comparison | undefined = firstOfMostSeeds(comparisons),
): PairedDifference[] {
  if (!reference?.runs[0]!.complete) return []
  const others = comparisons.filter((each) => each !== reference && each.runs[0]!.complete)
  const pairs = others.flatMap((setting) => {
    const seeds = sharedSeeds(setting, reference)
    return seeds.length > 0 && sameStream(setting, reference) ? [{ setting, seeds }] : []
  })
  // A run that stands alone is the common case, and drawing its images anew costs as long as it takes to write its report.
  if (pairs.length === 0) return []
  const resampled = lastAccuracies([reference, ...pairs.map(({ setting }) => setting)])
  return pairs.map(({ setting, seeds }, index) => ({
    name: setting.name,
    reference: reference.name,
    seeds,
    averageIncrementalAccuracy: overSeeds(
      differences(setting, reference, seeds, (run) => run.summary.averageIncrementalAccuracy),
      index,
    ),
    lastAccuracy: ofLast(setting, reference, seeds, resampled, index),
  }))
}

function firstOfMostSeeds(comparisons: readonly Comparison[]): Comparison | undefined {
  const complete = comparisons.filter(({ runs }) => runs[0]!.complete)
  const most = Math.max(0, ...complete.map(({ seeds }) => seeds.length))
  return complete.find(({ seeds }) => seeds.length === most)
}

const runOf = ({ runs }: Comparison, seed: number): ComparedRun => runs.find(({ config }) => config.seed === seed)!

const sharedSeeds = (a: Comparison, b: Comparison): number[] => [
  ...new Set(a.seeds.filter((seed) => b.seeds.includes(seed))),
]

/** Data and stream, as the configs tell them: without these, seeds of the same number have nothing in common. */
function sameStream(a: Comparison, b: Comparison): boolean {
  const of = ({ runs }: Comparison) => {
    const { data, stream } = runs[0]!.config as { data?: unknown; stream?: unknown }
    return JSON.stringify([data, stream])
  }
  return of(a) === of(b)
}

const differences = (a: Comparison, b: Comparison, seeds: readonly number[], of: (run: ComparedRun) => number) =>
  seeds.map((seed) => of(runOf(a, seed)) - of(runOf(b, seed)))

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

function overSeeds(values: readonly number[], pair: number): Difference {
  const mean = meanOf(values)
  if (values.length < LEAST_SEEDS) return { mean }
  const rng = createRng(1).fork('seeds', pair)
  const means = Array.from({ length: RESAMPLES }, () => weighted(values, drawCounts(values.length, rng)))
  return { mean, interval: { ...percentileInterval(means), over: 'seeds' } }
}

const weighted = (values: ArrayLike<number>, counts: ArrayLike<number>): number => {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]! * counts[i]!
  return sum / values.length
}

/** Of each run whose test images are those of all others: its last accuracy on every draw of these images, percent. */
type Resamples = ReadonlyMap<ComparedRun, Float64Array>

function ofLast(
  a: Comparison,
  b: Comparison,
  seeds: readonly number[],
  resampled: Resamples,
  pair: number,
): Difference {
  const alone = overSeeds(
    differences(a, b, seeds, (run) => run.summary.lastAccuracy),
    pair,
  )
  const draws = seeds.map((seed) => [resampled.get(runOf(a, seed)), resampled.get(runOf(b, seed))] as const)
  if (!draws.every(([own, other]) => own && other)) return alone
  const rng = createRng(1).fork('seeds and images', pair)
  const both = seeds.length >= LEAST_SEEDS
  const means = Array.from({ length: RESAMPLES }, (_, draw) => {
    const apart = draws.map(([own, other]) => own![draw]! - other![draw]!)
    return both ? weighted(apart, drawCounts(apart.length, rng)) : meanOf(apart)
  })
  return {
    mean: alone.mean,
    interval: { ...percentileInterval(means), over: both ? 'seeds and images' : 'images' },
  }
}

/**
 * Last accuracies on bootstrap samples of the test images, one draw for all runs; none where runs were asked about different
 * images.
 */
function lastAccuracies(comparisons: readonly Comparison[]): Resamples {
  const runs = comparisons.flatMap((each) => each.runs)
  const first = runs[0]?.predictions?.()
  if (!first) return new Map()
  const order = new Map(first.keys.map((key, place) => [key, place]))
  const right = new Map<ComparedRun, Uint8Array>()
  for (const run of runs) {
    const marks = marksOf(run.predictions?.(), order)
    if (marks) right.set(run, marks)
  }
  const rng = createRng(1).fork('images')
  const draws = [...right.keys()].map((run) => [run, new Float64Array(RESAMPLES)] as const)
  for (let draw = 0; draw < RESAMPLES; draw++) {
    const counts = drawCounts(order.size, rng)
    for (const [run, values] of draws) values[draw] = 100 * weighted(right.get(run)!, counts)
  }
  return new Map(draws)
}

/** 1 for every image that was named rightly, in an order of images; undefined where these are others. */
function marksOf(predictions: Predictions | undefined, order: ReadonlyMap<string, number>): Uint8Array | undefined {
  if (predictions?.keys.length !== order.size) return undefined
  const predicted = Object.values(predictions.readings)[0]!
  const marks = new Uint8Array(order.size)
  const met = new Set<number>()
  for (const [image, key] of predictions.keys.entries()) {
    const place = order.get(key)
    if (place === undefined) return undefined
    met.add(place)
    marks[place] = Number(predicted[image] === predictions.labels[image])
  }
  return met.size === order.size ? marks : undefined
}

/** `+1.20 [0.31, 2.05]`; without an interval the difference alone. */
export function differenceText({ mean, interval }: Difference): string {
  const number = (value: number) => value.toFixed(2).replace(/^-0\.00$/, '0.00')
  const text = `${mean > 0 ? '+' : ''}${number(mean)}`
  return interval ? `${text} [${number(interval.low)}, ${number(interval.high)}]` : text
}
