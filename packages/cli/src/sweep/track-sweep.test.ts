import { appendFile, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LoggedEvent } from '@pilotjs/eval'
import type { SweepEvent, SweepRun } from '@pilotjs/experiment'
import { replay, tensorboardTracker } from '@pilotjs/trackers'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { trackSweep } from './track-sweep'

let folder = ''
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'pilot-track-sweep-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

const run = { id: 'a', folder: 'l2p-a', label: 'l2p', tasks: 2, config: { method: 'l2p' } } as unknown as SweepRun
const file = () => join(folder, run.folder, 'events.jsonl')
const add = (...events: object[]) => appendFile(file(), events.map((event) => `${JSON.stringify(event)}\n`).join(''))
const begun = (id: string) => ({
  ...{ kind: 'begun', at: 1, format: 1, id, name: run.folder, config: { method: 'l2p' }, tasks: 2, classes: 4 },
})
const step = (task: number, loss: number) => ({
  ...{ kind: 'step', at: 2, task, phase: 'train', epoch: 0, step: 0, loss, learningRate: 0.1 },
})
const scored = (task: number): LoggedEvent => ({
  ...{ kind: 'scored', at: 3, task, classesAfter: 2, testImages: 4, metrics: { accuracy: 50 + task } },
  ...{ byTask: [50], cost: { learnSeconds: 1 } },
})
const told = (task: number): SweepEvent => ({
  ...{ kind: 'news', run },
  news: { kind: 'scored', task, accuracy: 50, seconds: 1 },
})
const boards = async (place: string) => {
  const names = await readdir(place)
  return Promise.all(names.sort().map((name) => readFile(join(place, name))))
}

it('tells trackers of runs as their tasks are saved, as a replay would, also where one went on elsewhere', async () => {
  const problems: string[] = []
  const tracking = trackSweep([{ kind: 'tensorboard', place: 'boards' }], folder, folder, (text) => problems.push(text))
  // No diary yet: a worker elsewhere has it.
  tracking.take(told(0))
  await mkdir(join(folder, run.folder))
  await add(begun('one'), step(0, 0.5), scored(0), step(1, 0.4))
  tracking.take(told(0))
  // Its worker died in the second task, which another learns anew.
  await add({ kind: 'resumed', at: 4, task: 1 }, step(1, 0.3), scored(1), { kind: 'finished', at: 5, metrics: {} })
  tracking.take(told(1))
  tracking.take({ kind: 'done', run })
  await tracking.close()
  await replay(file(), tensorboardTracker({ folder: join(folder, 'replayed') }))
  expect(await boards(join(folder, 'boards', run.folder))).toEqual(await boards(join(folder, 'replayed')))
  expect(problems).toEqual([])
})

it('says once where a tracker, or a diary, is no good, and leaves runs that were complete before alone', async () => {
  const problems: string[] = []
  const track = () =>
    trackSweep([{ kind: 'mlflow', place: 'http://me:geheim@127.0.0.1:1' }], folder, folder, (text) =>
      problems.push(text),
    )
  await mkdir(join(folder, run.folder))
  await add(begun('one'), scored(0))
  const complete = track()
  complete.take({ kind: 'found', run, earlier: [], complete: true })
  await complete.close()
  expect(problems).toEqual([])
  const refused = track()
  refused.take(told(0))
  refused.take({ kind: 'failed', run, error: new Error('no') })
  await refused.close()
  expect(problems).toEqual([expect.stringContaining('pilot track --to mlflow RUN catches up')])
  expect(problems[0]).not.toContain('geheim')
  await writeFile(join(folder, run.folder, 'events.jsonl'), 'no JSON\n')
  const damaged = track()
  damaged.take(told(0))
  damaged.take(told(0))
  await damaged.close()
  expect(problems.slice(1)).toEqual([expect.stringContaining('line 1: is no JSON')])
})
