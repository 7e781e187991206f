import { mkdir, readdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Learner } from '@pilotjs/core'
import { makeFolder, writeFileAtomic, writeSafetensorsFile } from '@pilotjs/core/node'
import type { ScoredTask } from '../protocol/evaluate'
import type { TaskCost, TaskRecord } from '../protocol/record'
import type { RunConfigInput } from './config'
import { runConfigSchema } from './config'
import type { LastTask, RunMetrics } from './layout'
import { layout, taskFiles, toJson } from './layout'
import { lock } from './lock'
import type { RunDirectory } from './open-run'
import { isComplete, metricsOf, openRun } from './open-run'
import { publish } from './publish'
import { RunError, fileReason } from './run-error'

/** A run that this process, and no other, writes to. */
export interface OwnedRun extends RunDirectory {
  /**
   * Saves one more task, and the learner as it stands after it. The task's folder is written aside and renamed into
   * place, so that a process killed at any moment leaves whole tasks only. @throws RunError; what was saved before stays
   */
  save(task: ScoredTask, learner: Learner, extras: Omit<LastTask, 'predictions'>): Promise<void>
  /** Writes `metrics.json` anew from the saved tasks. */
  writeMetrics(): Promise<RunMetrics>
  /** Lets other processes in. */
  release(): Promise<void>
}

/**
 * Begins a run in a new or empty folder.
 * @throws RunError where the folder holds something, is in use or cannot be written: before time is spent on learning
 */
export async function createRun(path: string, input: RunConfigInput): Promise<OwnedRun> {
  const folder = resolve(path)
  const files = layout(folder)
  const config = runConfigSchema.parse(input)
  const release = await prepared(folder, () => makeFolder(folder))
  try {
    const there = (await readdir(folder)).filter((name) => !name.startsWith('.') && !isUnfinished(name))
    if (there.length > 0)
      throw new RunError(
        there.includes('config.json')
          ? `${folder} holds a run already: continue it with \`pilot resume ${path}\`, or choose another folder (--out)`
          : `${folder} is not empty: choose another folder (--out)`,
      )
    await writeFileAtomic(files.config, toJson(config))
    await mkdir(files.tasks)
    return own(await openRun(folder), release)
  } catch (error) {
    await release()
    throw asRunError(error, `cannot write to ${folder}`)
  }
}

/** Takes up a run where its last saved task ended. @throws RunError where there is none, or another process is in it */
export async function resumeRun(path: string): Promise<OwnedRun> {
  // Read first, so that a wrong path gets no lock folder; then again, now that nobody else can add to it.
  const { path: folder } = await openRun(path)
  const release = await prepared(folder, () => Promise.resolve())
  try {
    const run = await openRun(folder)
    await clearLeftovers(run)
    return own(run, release)
  } catch (error) {
    await release()
    throw asRunError(error, `cannot write to ${folder}`)
  }
}

async function prepared(folder: string, make: () => Promise<unknown>): Promise<() => Promise<void>> {
  try {
    await make()
    return await lock(folder)
  } catch (error) {
    throw asRunError(error, `cannot write to ${folder}`)
  }
}

const asRunError = (error: unknown, what: string) =>
  error instanceof RunError ? error : new RunError(`${what}: ${fileReason(error)}`, { cause: error })

function own(run: RunDirectory, release: () => Promise<void>): OwnedRun {
  const files = layout(run.path)
  const records: TaskRecord[] = [...run.records]
  const costs: TaskCost[] = [...run.costs]

  const writeMetrics = async (): Promise<RunMetrics> => {
    const metrics = metricsOf({ config: run.config, records, costs })
    await writeFileAtomic(files.metrics, toJson(metrics))
    return metrics
  }

  return {
    ...run,
    records,
    costs,
    get complete() {
      return isComplete(records)
    },
    last: async () => (await openRun(run.path)).last(),
    restore: async (learner) => (await openRun(run.path)).restore(learner),
    writeMetrics,
    release,

    async save({ record, cost, predictions }, learner, extras) {
      const index = record.task
      const aside = taskFiles(files.aside(index))
      try {
        await rm(aside.folder, { recursive: true, force: true })
        await makeFolder(aside.folder)
        const { tensors, json } = learner.state()
        await writeSafetensorsFile(aside.tensors, tensors)
        await writeFileAtomic(aside.state, toJson(json))
        await writeFileAtomic(aside.last, JSON.stringify({ predictions, ...extras } satisfies LastTask))
        await writeFileAtomic(aside.task, toJson({ record, cost }))
        await publish(aside.folder, files.task(index).folder)
        records.push(record)
        costs.push(cost)
        await writeMetrics()
        if (index > 0) await forgetState(files.task(index - 1))
      } catch (error) {
        await rm(aside.folder, { recursive: true, force: true }).catch(() => undefined)
        const saved =
          records.length === 0
            ? 'no task is saved yet'
            : `safe so far: ${records.length} of ${record.head.byTask.length} tasks`
        throw new RunError(
          `cannot save task ${index + 1} in ${run.path}: ${fileReason(error)}; then \`pilot resume ${run.path}\` goes on from there (${saved})`,
          { cause: error },
        )
      }
    },
  }
}

/** A file that a killed process left half-written: never under its own name. */
const isUnfinished = (name: string) => name.endsWith('.tmp')

/** What a process leaves that is killed as it saves: half-written files, and the learner as it was before the last task. */
async function clearLeftovers({ path, records }: RunDirectory): Promise<void> {
  const files = layout(path)
  for (const name of await readdir(path)) if (isUnfinished(name)) await rm(join(path, name), { force: true })
  await rm(files.aside(records.length), { recursive: true, force: true })
  for (let task = 0; task < records.length - 1; task++) await forgetState(files.task(task))
}

/** The states of a long run would fill a disk, and only the newest is ever needed. */
async function forgetState({ tensors, state, last }: ReturnType<typeof taskFiles>): Promise<void> {
  for (const file of [tensors, state, last]) await rm(file, { force: true })
}
