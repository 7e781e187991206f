import { createRng } from '@pilotjs/core/random'
import { describe, expect, it } from 'vitest'
import type { Summary } from '../protocol/summary'
import { drawCounts, percentileInterval } from './bootstrap'
import type { ComparedRun } from './compare-runs'
import { compareRuns } from './compare-runs'
import { differenceText, pairedDifferences } from './paired-differences'

/** A run that got these of its test images right: images are told by `order`, so that runs may hold them in any. */
function run(method: string, seed: number, marks: readonly (0 | 1)[], more: object = {}, name = 'image'): ComparedRun {
  const order = createRng(seed).permutation(marks.length)
  const accuracy = (100 * marks.reduce((sum: number, mark) => sum + mark, 0)) / marks.length
  return {
    name: `${method}, seed ${seed}`,
    config: { method, seed, data: 'icons', ...more } as ComparedRun['config'],
    complete: true,
    seconds: 1,
    summary: {
      averageIncrementalAccuracy: accuracy + 5,
      lastAccuracy: accuracy,
      forgetting: 0,
      backwardTransfer: 0,
      trainableParameters: 1,
      readings: {},
    } as unknown as Summary,
    predictions: () => ({
      keys: Array.from(order, (place) => `${name} ${place}`),
      labels: Array.from(order, () => 1),
      readings: { head: Array.from(order, (place) => marks[place]!) },
    }),
  }
}
const marks = (right: number, of: number) => Array.from({ length: of }, (_, i): 0 | 1 => (i < right ? 1 : 0))

describe('pairedDifferences', () => {
  it('compares with the first, seed by seed, over seeds and over images', () => {
    const runs = [1, 2, 3].flatMap((seed) => [run('a', seed, marks(80 + seed, 100)), run('b', seed, marks(70, 100))])
    const [pair, ...none] = pairedDifferences(compareRuns(runs))
    expect(none).toEqual([])
    expect(pair).toMatchObject({ name: 'b', reference: 'a', seeds: [1, 2, 3] })
    expect(pair!.lastAccuracy.mean).toBeCloseTo(-12, 10)
    expect(pair!.averageIncrementalAccuracy.interval).toMatchObject({ over: 'seeds' })
    // Differences of −11, −12, −13: no mean of three of them lies outside.
    expect(pair!.averageIncrementalAccuracy.interval!.low).toBeGreaterThanOrEqual(-13)
    expect(pair!.averageIncrementalAccuracy.interval!.high).toBeLessThanOrEqual(-11)
    const { interval } = pair!.lastAccuracy
    expect(interval!.over).toBe('seeds and images')
    // Over images alone the deviation is that of 100 images of which 12 differ: √(0.12 · 0.88 / 100), 3.2 points.
    expect(interval!.high - interval!.low).toBeGreaterThan(2 * 1.96 * 3)
    expect(interval!.high - interval!.low).toBeLessThan(2 * 1.96 * 4)
    expect(pairedDifferences(compareRuns(runs))).toEqual([pair])
  })

  it('says of one or two seeds only what the images say', () => {
    const [pair] = pairedDifferences(compareRuns([run('a', 1, marks(90, 100)), run('b', 1, marks(60, 100))]))
    expect(pair!.averageIncrementalAccuracy).toEqual({ mean: -30 })
    expect(pair!.lastAccuracy.interval!.over).toBe('images')
    expect(pair!.lastAccuracy.interval!.low).toBeGreaterThan(-42)
    expect(pair!.lastAccuracy.interval!.high).toBeLessThan(-18)
  })

  it('cancels what two methods both get wrong', () => {
    const same = marks(50, 100)
    const [pair] = pairedDifferences(compareRuns([run('a', 1, same), run('b', 1, same)]))
    expect(pair!.lastAccuracy).toEqual({ mean: 0, interval: { low: 0, high: 0, over: 'images' } })
  })

  it('asks a run that stands alone for nothing', () => {
    const predictions = () => {
      throw new Error('nothing to compare them with')
    }
    expect(pairedDifferences(compareRuns([{ ...run('a', 1, marks(90, 100)), predictions }]))).toEqual([])
  })

  it('takes no images together that are not the same, and no streams', () => {
    const [a, b] = [run('a', 1, marks(9, 10)), run('b', 1, marks(5, 10), {}, 'another')]
    expect(pairedDifferences(compareRuns([a, b]))[0]!.lastAccuracy).toEqual({ mean: -40 })
    const other = run('b', 1, marks(5, 10), { stream: { increment: 5 } })
    expect(pairedDifferences(compareRuns([a, other]))).toEqual([])
    expect(pairedDifferences(compareRuns([a, run('b', 2, marks(5, 10))]))).toEqual([])
    expect(pairedDifferences(compareRuns([a, { ...b, complete: false }]))).toEqual([])
    expect(pairedDifferences([])).toEqual([])
  })
})

it('covers the truth in about 95 of 100 samples', () => {
  const rng = createRng(7)
  let covered = 0
  const trials = 100
  for (let trial = 0; trial < trials; trial++) {
    const sample = Array.from({ length: 40 }, () => rng.normal())
    const means = Array.from({ length: 400 }, () => {
      const counts = drawCounts(sample.length, rng)
      return sample.reduce((sum, value, i) => sum + value * counts[i]!, 0) / sample.length
    })
    const { low, high } = percentileInterval(means)
    if (low <= 0 && high >= 0) covered++
  }
  expect(covered / trials).toBeGreaterThan(0.88)
  expect(covered / trials).toBeLessThan(0.99)
})

it('takes percentiles between neighbours', () => {
  expect(percentileInterval(Array.from({ length: 41 }, (_, i) => i))).toEqual({ low: 1, high: 39 })
  expect(() => percentileInterval([])).toThrow('no value')
})

it('writes a difference with its sign and its interval', () => {
  expect(differenceText({ mean: 1.2 })).toBe('+1.20')
  expect(differenceText({ mean: -1, interval: { low: -2, high: -0.001, over: 'seeds' } })).toBe('-1.00 [-2.00, 0.00]')
})
