import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LoggedEvent, TaskCost, TaskRecord } from '@pilotjs/eval'
import { parseRunLog } from '@pilotjs/eval'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openEventLog } from './event-log'
import type { OwnedRun } from './write-run'
import type { WritingPlace } from './writing-place'
import { sharedPlace } from './writing-place'

let folder = ''
let place: WritingPlace
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilot-events-'))
  place = await sharedPlace(folder)
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const cost: TaskCost = {
  learnSeconds: 1,
  scoreSeconds: 1,
  tensors: 1,
  tensorBytes: 1,
  features: { computed: 1, reused: 0 },
}
const record = (task: number) =>
  ({
    task,
    classesAfter: task + 1,
    testImages: 4,
    readings: { head: { top1: 50, byTask: [0, 1].map((other) => (other <= task ? 50 : null)) } },
  }) as unknown as TaskRecord
const runWith = (tasks: number) =>
  ({
    path: folder,
    config: { method: 'tiny', seed: 1 },
    records: Array.from({ length: tasks }, (_, task) => record(task)),
    costs: Array.from({ length: tasks }, () => cost),
    complete: tasks === 2,
    append: place.append,
  }) as unknown as OwnedRun
const text = () => readFile(join(folder, 'events.jsonl'), 'utf8')
const kinds = async () => parseRunLog(await text()).events.map(({ kind }) => kind)

function open(tasks: number) {
  const told: LoggedEvent[] = []
  const problems: string[] = []
  const log = openEventLog(runWith(tasks), {
    tasks: 2,
    classes: 2,
    now: () => 7,
    onLogged: (event) => told.push(event),
    onProblem: (message) => problems.push(message),
  })
  return { log, told: () => told.map(({ kind }) => kind), problems }
}
const begin = (task: number) => ({ kind: 'task', task, tasks: 2, classesAfter: task + 1 }) as const

it('is written line by line, and gone on with behind its last whole line', async () => {
  const first = open(0)
  first.log.take(begin(0))
  // Nothing is kept back: a process killed here leaves this.
  expect(await kinds()).toEqual(['begun', 'task'])
  first.log.close()
  await appendFile(join(folder, 'events.jsonl'), '{"kind":"sco')

  // Task 0 was saved, though nobody could tell any more.
  const second = open(1)
  second.log.take(begin(1))
  second.log.close()
  expect(await kinds()).toEqual(['begun', 'task', 'resumed', 'scored', 'task'])
  expect(second.told()).toEqual(['begun', 'task', 'scored', 'task'])
  const [line] = (await text()).split('\n')
  expect(JSON.parse(line!)).toMatchObject({ format: 1, at: 7, config: { method: 'tiny' }, tasks: 2, classes: 2 })
})

it('tells whoever listens only what still holds', async () => {
  const first = open(0)
  first.log.take(begin(0))
  first.log.stop('cut')
  first.log.close()
  const second = open(0)
  expect(second.told()).toEqual(['begun'])
  second.log.close()
  const last = open(2)
  last.log.finish()
  last.log.close()
  expect((await kinds()).slice(-3)).toEqual(['scored', 'scored', 'finished'])
  // A run that is complete is not finished twice; whoever replays it hears that it is.
  const again = open(2)
  again.log.finish()
  again.log.close()
  expect((await kinds()).filter((kind) => kind === 'finished')).toHaveLength(1)
  expect(again.told().at(-1)).toBe('finished')
})

it('is no reason to fail where it cannot be written or read', async () => {
  await writeFile(join(folder, 'events.jsonl'), 'not JSON\n')
  const { log, told, problems } = open(0)
  log.take(begin(0))
  log.close()
  expect(problems).toEqual([expect.stringContaining('line 1: is no JSON')])
  expect(told()).toEqual(['begun', 'task'])
  expect(await text()).toBe('not JSON\n')
})
