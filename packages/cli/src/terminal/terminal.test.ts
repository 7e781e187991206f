import { expect, it } from 'vitest'
import type { RunEvent } from '@pilotjs/eval'
import { bar, clock, sparkline } from './marks'
import { followRun } from './run-progress'

it('writes time, bars and curves', () => {
  expect([7, 205, 3729].map(clock)).toEqual(['0:07', '3:25', '1:02:09'])
  expect(sparkline([0, 50, 100])).toBe('▁▅█')
  expect(bar(0.5, 4)).toEqual({ done: '━━', left: '──' })
  expect(bar(1.2, 2)).toEqual({ done: '━━', left: '' })
})

const step = (task: number, epoch: number, at: number): RunEvent => ({
  kind: 'learning',
  task,
  event: { kind: 'step', phase: 'train', epoch, epochs: 2, step: at, stepsPerEpoch: 5, loss: 0.5, learningRate: 0.1 },
})

it('follows a run and knows what is left', () => {
  let now = 0
  const run = followRun([], () => now)
  expect(run.state()).toMatchObject({ tasks: 0, activity: 'starting', fraction: 0 })
  run.take({ kind: 'task', task: 0, tasks: 4, classesAfter: 10 })
  now = 10
  run.take(step(0, 1, 4))
  // The first task is learned but not scored: 85 % of a quarter, by the first guess.
  expect(run.state()).toMatchObject({ activity: 'train', epoch: { at: 1, of: 2 }, loss: 0.5, fraction: 0.85 / 4 })
  expect(run.state().left).toBeCloseTo((10 / (0.85 / 4)) * (1 - 0.85 / 4), 6)
  run.take({ kind: 'scoring', task: 0, done: 5, total: 10 })
  expect(run.state()).toMatchObject({ activity: 'scoring', fraction: 0.925 / 4 })
})

it('counts only its own time when a run is resumed', () => {
  let now = 100
  const run = followRun([90, 80], () => now)
  run.take({ kind: 'task', task: 2, tasks: 4, classesAfter: 30 })
  now = 110
  run.take({ kind: 'scoring', task: 2, done: 10, total: 10 })
  expect(run.state()).toMatchObject({ fraction: 0.75, curve: [90, 80] })
  expect(run.state().left).toBeCloseTo(10, 6)
})
