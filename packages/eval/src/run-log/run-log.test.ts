import { expect, it } from 'vitest'
import type { RunEvent } from '../protocol/evaluate'
import type { TaskCost, TaskRecord } from '../protocol/record'
import { describeEvent, describeTask } from './describe-event'
import { parseRunLog, settledEvents } from './read-run-log'
import type { LoggedEvent } from './logged-event'
import { loggedEventSchema } from './logged-event'

const record = (task: number, top1: number, byTask: (number | null)[]) =>
  ({
    task,
    classesAfter: 2 * task + 2,
    testImages: 10,
    readings: { head: { top1, byTask }, nearestMean: { top1: top1 - 1, byTask } },
  }) as unknown as TaskRecord
const cost = { learnSeconds: 2, scoreSeconds: 1, tensors: 1, tensorBytes: 8 } as TaskCost
const records = [record(0, 90, [90, null]), record(1, 70, [60, 80])]
const step = (task: number, loss: number): RunEvent => ({
  kind: 'learning',
  task,
  event: { kind: 'step', phase: 'train', epoch: 0, epochs: 1, step: 3, stepsPerEpoch: 5, loss, learningRate: 0.1 },
})

it('writes what a run tells as lines that it can read', () => {
  const events = [
    describeEvent({ kind: 'task', task: 0, tasks: 2, classesAfter: 2 }, [], 5)!,
    describeEvent(step(0, Infinity), [], 6)!,
    describeTask(records, cost, 7),
  ]
  expect(describeEvent({ kind: 'scoring', task: 0, done: 1, total: 2 }, [], 6)).toBeUndefined()
  expect(events[1]).toMatchObject({ loss: null, learningRate: 0.1, step: 3 })
  expect(events[2]).toMatchObject({
    task: 1,
    metrics: {
      accuracy: 70,
      averageIncrementalAccuracy: 80,
      forgetting: 30,
      backwardTransfer: -30,
      'accuracy/nearestMean': 69,
    },
    byTask: [60, 80],
    cost: { learnSeconds: 2, scoreSeconds: 1, tensorBytes: 8 },
  })
  const text = events.map((event) => `${JSON.stringify(event)}\n`).join('')
  expect(parseRunLog(text)).toEqual({ events, wholeLength: text.length })
  for (const event of events) expect(loggedEventSchema.parse(event)).toEqual(event)
})

it('passes over a torn last line, and names a line that is damaged', () => {
  const line = `${JSON.stringify({ kind: 'note', at: 1, message: 'ü' })}\n`
  for (let cut = 0; cut < line.length; cut++)
    expect(parseRunLog(line + line.slice(0, cut))).toMatchObject({ events: { length: 1 }, wholeLength: line.length })
  expect(() => parseRunLog(`${line}{"kind":"no\n${line}`, 'x.jsonl')).toThrow('x.jsonl, line 2: is no JSON')
  expect(() => parseRunLog('{"kind":"note","at":1}\n')).toThrow(/line 1: is no event of a run/)
})

it('leaves out what a resumed run learned anew', () => {
  const told = (task: number, at: number): LoggedEvent => ({ kind: 'task', at, task, tasks: 3, classesAfter: 2 })
  const events: LoggedEvent[] = [
    told(0, 1),
    told(1, 2),
    { kind: 'stopped', at: 3, message: 'killed' },
    { kind: 'resumed', at: 4, task: 1 },
    told(1, 5),
    { kind: 'stopped', at: 6, message: 'again' },
  ]
  expect(settledEvents(events).map(({ at }) => at)).toEqual([1, 5, 6])
  expect(settledEvents(events.slice(0, 2)).map(({ at }) => at)).toEqual([1, 2])
})
