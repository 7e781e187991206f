import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryFeatureCache } from '@pilotjs/core/features'
import { digestStream } from '@pilotjs/data'
import { tinyLearner, tinyStream } from '@pilotjs/testing/tiny'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { tinyConfig } from '../__fixtures__/tiny-config'
import { openEventLog } from './event-log'
import { openRun } from './open-run'
import { runInDirectory } from './run-in-directory'
import type { OwnedRun } from './write-run'
import { createRun, resumeRun } from './write-run'

let folder = ''
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'pilot-fence-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

const digest = await digestStream(tinyStream())
/** Learns what is left; `pause` is awaited before each step of the first task. */
const learn = (run: OwnedRun, pause?: () => Promise<void>, onTask?: (task: number) => void) =>
  runInDirectory({
    run,
    learner: tinyLearner({ epochs: 1, pause }),
    stream: tinyStream(),
    preprocessing: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    features: memoryFeatureCache(),
    onEvent: (event) => (event.kind === 'scored' ? onTask?.(event.task) : undefined),
  })

it('takes a run over from a process that is asleep, which cannot write any more when it wakes up', async () => {
  const asleep = await createRun(folder, tinyConfig, digest, { fence: 1 })
  // The first process sleeps in its second task; the other learns the run to its end meanwhile.
  let other: OwnedRun | undefined
  const late = learn(asleep, async () => {
    if (asleep.records.length !== 1 || other) return
    other = await resumeRun(folder, { fence: 2 })
    expect(other.records).toHaveLength(1)
    await learn(other)
  })
  await expect(late).rejects.toMatchObject({ code: 'taken-over' })
  await expect(asleep.writeMetrics()).rejects.toMatchObject({ code: 'taken-over' })
  await expect(asleep.requireOwned()).rejects.toThrow('another process has taken over')
  await asleep.release()
  await other!.release()
  const run = await openRun(folder)
  expect(run.complete).toBe(true)
  expect((await run.last()).classNames).toHaveLength(6)
  expect((await readdir(folder)).sort()).toEqual(['config.json', 'metrics.json', 'stream.json', 'tasks'])
})

it('keeps lines out of the diary that a process adds which has lost the run', async () => {
  const events = join(folder, 'events.jsonl')
  const lines = async () => (await readFile(events, 'utf8')).split('\n').slice(0, -1)
  const open = (run: OwnedRun, onProblem?: (message: string) => void) =>
    openEventLog(run, { tasks: 3, classes: 6, onProblem })
  const asleep = await createRun(folder, tinyConfig, digest, { fence: 1 })
  const early = open(asleep)
  early.note('while it was mine')
  const second = await resumeRun(folder, { fence: 2 })
  const late = open(second)
  early.note('long after')
  late.note('mine now')
  expect((await lines()).map((line) => (JSON.parse(line) as { message?: string }).message)).toEqual([
    undefined,
    'while it was mine',
    undefined,
    'mine now',
  ])
  // Nor can it begin the diary anew, however late it comes to that.
  const problems: string[] = []
  open(asleep, (message) => problems.push(message)).note('again')
  expect(problems).toEqual([expect.stringContaining('events.jsonl is not written any more')])
  expect(await lines()).toHaveLength(4)
  early.close()
  late.close()
  await second.release()
  await asleep.release()
})

it('leaves a run whose task is written at the very moment to whoever was first', async () => {
  const first = await createRun(folder, tinyConfig, digest, { fence: 1 })
  await expect(
    learn(first, undefined, () => {
      throw new Error('stopped after a task')
    }),
  ).rejects.toThrow('stopped')
  const second = await resumeRun(folder, { fence: 5 })
  const before = await readFile(join(folder, 'tasks/000/task.json'), 'utf8')
  await expect(learn(first)).rejects.toMatchObject({ code: 'taken-over' })
  expect(await readFile(join(folder, 'tasks/000/task.json'), 'utf8')).toBe(before)
  await second.release()
})

it('refuses a claim that comes too late, or twice', async () => {
  const owner = await createRun(folder, tinyConfig, digest, { fence: 7 })
  await expect(resumeRun(folder, { fence: 6 })).rejects.toMatchObject({ code: 'run-in-use' })
  await expect(resumeRun(folder, { fence: 7 })).rejects.toMatchObject({ code: 'run-in-use' })
  // A process without a fence waits for one that lives.
  await expect(resumeRun(folder)).rejects.toMatchObject({ code: 'run-in-use' })
  await owner.release()
  // What a machine leaves that fell silent holds nobody up who comes later, and keeps out who came before.
  const later = await resumeRun(folder, { fence: 8 })
  await rm(join(folder, '.lock'), { recursive: true })
  await expect(resumeRun(folder, { fence: 7 })).rejects.toMatchObject({ code: 'taken-over' })
  const last = await resumeRun(folder, { fence: 9 })
  await expect(later.requireOwned()).rejects.toMatchObject({ code: 'taken-over' })
  await last.release()
})
