import type { LoggedEvent } from '@pilotjs/eval'
import { expect, it } from 'vitest'
import { run } from './__fixtures__/run'
import { liveTracker } from './live-tracker'
import type { Tracker } from './tracker'

const recorder = (take: (event: LoggedEvent) => Promise<void>) => {
  const problems: string[] = []
  const tracker: Tracker = { name: 'somewhere', take, close: () => Promise.resolve() }
  return { tracker, problems, onProblem: (message: string) => problems.push(message) }
}

it('tells everything in order, and waits for it at the end', async () => {
  const told: string[] = []
  const { tracker, problems, onProblem } = recorder(async ({ kind }) => {
    await Promise.resolve()
    told.push(kind)
  })
  const live = liveTracker(tracker, { onProblem })
  for (const event of run) live.take(event)
  expect(told).toEqual([])
  await live.close()
  expect(told).toEqual(run.map(({ kind }) => kind))
  expect(problems).toEqual([])
})

it('lets go of a tracker that throws, and says so once', async () => {
  let asked = 0
  const { tracker, problems, onProblem } = recorder(() => Promise.reject(new Error(`no ${asked++}`)))
  const live = liveTracker(tracker, { onProblem })
  for (const event of run) live.take(event)
  await live.close()
  live.take(run[0]!)
  await live.close()
  expect(asked).toBe(1)
  expect(problems).toEqual(['somewhere is told nothing more: no 0'])
})

it('leaves a tracker that hangs, and one that does not keep up', async () => {
  const hang = () => new Promise<void>(() => undefined)
  const first = recorder(hang)
  const live = liveTracker(first.tracker, { onProblem: first.onProblem, patience: 10 })
  live.take(run[0]!)
  await live.close()
  expect(first.problems).toEqual([expect.stringContaining('did not answer')])

  const second = recorder(hang)
  const slow = liveTracker(second.tracker, { onProblem: second.onProblem, capacity: 2, patience: 10 })
  for (const event of run) slow.take(event)
  expect(second.problems).toEqual([expect.stringContaining('2 events wait')])
  await slow.close()
  expect(second.problems).toHaveLength(1)
})
