import type { RunConfig, RunMetrics } from '@pilotjs/experiment'
import { createColors } from 'picocolors'
import { expect, it } from 'vitest'
import { differencesTable } from '../terminal/differences-table'
import type { Result } from '../terminal/results-table'
import { comparisonsOf } from '../terminal/results-table'
import { toUse } from './finish'

const result = (method: string, seed: number, average: number): Result => ({
  name: `${method}, seed ${seed}`,
  path: `/runs/${method}-${seed}`,
  config: { method, seed } as RunConfig,
  metrics: {
    complete: true,
    costs: [],
    summary: {
      averageIncrementalAccuracy: average,
      lastAccuracy: average,
      forgetting: 0,
      backwardTransfer: 0,
      trainableParameters: 1,
      readings: {},
    },
  } as unknown as RunMetrics,
})
const used = (...results: Result[]) => toUse(comparisonsOf(results), results).path

it('names no run for its accuracy on one seed', () => {
  expect(used(result('low', 1, 50), result('high', 1, 60))).toBe('/runs/low-1')
  // Of one setting the first seed, not the luckiest.
  expect(used(result('a', 1, 50), result('a', 2, 60))).toBe('/runs/a-1')
  const several = [result('low', 1, 50), result('low', 2, 51), result('high', 1, 60), result('high', 2, 99)]
  expect(used(...several)).toBe('/runs/high-1')
})

it('tells differences seed by seed under the table', () => {
  const colors = createColors(false)
  const rows = comparisonsOf([1, 2, 3].flatMap((seed) => [result('a', seed, 60 + seed), result('b', seed, 50)]))
  const text = differencesTable(rows, { colors })!
  expect(text).toMatch(/^b +3 +-12\.00 \[-1\d\.\d\d, -1\d\.\d\d\] +-12\.00 \[-1\d\.\d\d, -1\d\.\d\d\] +seeds$/m)
  expect(text).toContain('paired bootstrap')
  expect(differencesTable(rows.slice(0, 1), { colors })).toBeUndefined()
})
