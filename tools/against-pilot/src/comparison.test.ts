import { expect, it } from 'vitest'
import type { Pair } from './comparison'
import { comparePairs } from './comparison'
import type { Outcome } from './job'

const outcome = (head: number[], cpuSeconds: number, nearestMean: number[] = []): Outcome => ({
  head,
  nearestMean,
  cpuSeconds,
  startCpuSeconds: 2,
  wallSeconds: cpuSeconds + 1,
  peakBytes: 1e6 * cpuSeconds,
  versions: {},
})
const pair = (seed: number, pilot: Outcome, pilotjs: Outcome): Pair => ({ seed, pilot, pilotjs })

it('compares curves seed by seed and takes medians of ratios', () => {
  const { head, ratios, nearestMean } = comparePairs([
    pair(1, outcome([90, 80], 10), outcome([92, 81], 5)),
    pair(2, outcome([94, 84], 20), outcome([94, 83], 8)),
    pair(3, outcome([92, 82], 10), outcome([90, 82], 9)),
  ])
  expect(head.pilot.curve).toEqual([
    { mean: 92, deviation: 2 },
    { mean: 82, deviation: 2 },
  ])
  expect(head.pilotjs.last).toEqual({ mean: 82, deviation: 1 })
  expect(head.pilotjs.average.mean).toBeCloseTo(87)
  expect(head.difference).toEqual({ mean: 0, deviation: 1 })
  expect(ratios.cpu).toBe(0.5)
  expect(ratios.cpuAfterStart).toBe(0.375)
  expect(nearestMean).toBeUndefined()
})

it.each([
  ['within the tolerance', [80, 80], [81.4, 81.4], true],
  ['beyond it, with seeds that agree among themselves', [80, 80], [82, 82], false],
  ['beyond it, within the spread of seeds', [78, 82], [80, 84], true],
])('says whether means agree: %s', (_, pilot, pilotjs, agrees) => {
  const pairs = pilot.map((last, seed) => pair(seed, outcome([last], 1), outcome([pilotjs[seed]!], 1)))
  expect(comparePairs(pairs).head.agrees).toBe(agrees)
})

it('compares the nearest mean where both sides have it', () => {
  const [theirs, ours] = [outcome([50], 1, [70]), outcome([50], 1, [60])]
  expect(comparePairs([pair(1, theirs, ours), pair(2, theirs, ours)]).nearestMean?.agrees).toBe(false)
})

it('does not judge by one seed', () => {
  expect(comparePairs([pair(1, outcome([50], 1), outcome([60], 1))]).head.agrees).toBeUndefined()
})
