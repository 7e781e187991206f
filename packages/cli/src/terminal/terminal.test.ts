import { expect, it } from 'vitest'
import type { RunEvent, Summary } from '@pilotjs/eval'
import type { RunConfig, RunMetrics } from '@pilotjs/experiment'
import { createColors } from 'picocolors'
import { bar, clock, counted, sparkline, stripped } from './marks'
import { comparisonsOf, resultsTable } from './results-table'
import { followRun } from './run-progress'

it('writes time, bars and curves', () => {
  expect([7, 205, 3729].map(clock)).toEqual(['0:07', '3:25', '1:02:09'])
  expect(sparkline([0, 50, 100])).toBe('▁▅█')
  expect(bar(0.5, 4)).toEqual({ done: '━━', left: '──' })
  expect(bar(1.2, 2)).toEqual({ done: '━━', left: '' })
  expect([0, 1, 2].map((count) => counted(count, 'task'))).toEqual(['0 tasks', '1 task', '2 tasks'])
  expect(stripped(createColors(true).bold('text'))).toBe('text')
})

const step = (task: number, epoch: number, at: number): RunEvent => ({
  kind: 'learning',
  task,
  event: { kind: 'step', phase: 'train', epoch, epochs: 2, step: at, stepsPerEpoch: 5, loss: 0.5, learningRate: 0.1 },
})

it('follows a run', () => {
  let now = 0
  const run = followRun([], () => now)
  expect(run.state()).toMatchObject({ tasks: 0, activity: 'starting', fraction: 0 })
  run.take({ kind: 'task', task: 0, tasks: 4, classesAfter: 10 })
  now = 10
  run.take(step(0, 1, 4))
  // The first task is learned but not scored: 85 % of a quarter, by the first guess.
  expect(run.state()).toMatchObject({ activity: 'train', epoch: { at: 1, of: 2 }, loss: 0.5, fraction: 0.85 / 4 })
  expect(run.state().left).toBeUndefined()
  run.take({ kind: 'scoring', task: 0, done: 5, total: 10 })
  expect(run.state()).toMatchObject({ activity: 'scoring', fraction: 0.925 / 4 })
})

it('knows what is left by what later tasks took, in an earlier process, too', () => {
  let now = 100
  const earlier = [100, 10].map((learnSeconds) => ({ accuracy: 90, learnSeconds, scoreSeconds: 0 }))
  const run = followRun(earlier, () => now)
  run.take({ kind: 'task', task: 2, tasks: 4, classesAfter: 30 })
  now = 110
  expect(run.state()).toMatchObject({ fraction: 0.5, curve: [90, 90] })
  expect(run.state().left).toBeCloseTo(20, 6)
})

it('fits its table to the terminal, and leaves it whole in a pipe', () => {
  const summary = {
    tasks: 10,
    classes: 100,
    averageIncrementalAccuracy: 81.25,
    lastAccuracy: 77.5,
    forgetting: 3.9,
    trainableParameters: 1217508,
    readings: {},
  } as unknown as Summary
  const metrics: RunMetrics = { format: 1, method: 'der', complete: true, summary, tasks: [], costs: [] }
  const config = { method: 'icarl', seed: 1993 } as RunConfig
  const results = comparisonsOf([{ name: 'icarl, seed 1993', path: '/runs/a', config, metrics }])
  const widest = (text: string) => Math.max(...text.split('\n').map(({ length }) => length))
  const colors = createColors(false)
  const whole = resultsTable(results, { colors, live: false, columns: 60 })
  expect(whole).toContain('│ icarl, seed 1993 │')
  const narrow = resultsTable(results, { colors, live: true, columns: 60 })
  expect(widest(narrow)).toBeLessThanOrEqual(60)
  expect(narrow).toMatch(/^icarl, seed 1993 +81\.25 +77\.50 +3\.90 +0:00 +1,217,508$/m)
  expect(resultsTable(results, { colors, live: true, columns: 120 })).toBe(whole)
})

it('takes seeds together, and calls nothing the best that stands on one', () => {
  const result = (method: string, seed: number, average: number) => ({
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
  const colors = createColors(true)
  const table = (...results: ReturnType<typeof result>[]) =>
    resultsTable(comparisonsOf(results), { colors, live: false, columns: 100 })
  const single = table(result('low', 1, 50), result('high', 1, 60))
  expect(single.indexOf('high')).toBeLessThan(single.indexOf('low'))
  expect(single).not.toContain(colors.green('60.00'))
  const several = table(result('low', 1, 50), result('high', 1, 60), result('low', 2, 52), result('high', 2, 62))
  expect(several).toContain(colors.bold(colors.green('61.00 ± 1.41')))
  expect(several).toContain('51.00 ± 1.41')
})
