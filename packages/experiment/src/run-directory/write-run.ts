import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Learner } from '@pilotjs/core'
import type { StreamDigest } from '@pilotjs/data'
import { makeFolder, refusalOf, writeFileAtomic, writeSafetensorsFile } from '@pilotjs/core/node'
import { mainReading } from '@pilotjs/eval'
import type { ScoredTask, TaskCost, TaskRecord } from '@pilotjs/eval'
import { ExperimentError, messageOf } from '../experiment-error'
import type { RunConfigInput } from './run-config'
import { runConfigSchema } from './run-config'
import type { RunMetrics, SavedLast, SavedTask } from './layout'
import { layout, taskFiles, toJson } from './layout'
import { lock } from './lock'
import type { RunDirectory } from './open-run'
import { isComplete, metricsOf, openRun } from './open-run'
import { publish } from './publish'
import { digestFiles } from './read-saved'
import { STATE_FORMAT } from './saved-schemas'

/** A run that this process, and no other, writes to. */
export interface OwnedRun extends RunDirectory {
  /**
   * Saves one more task, and the learner as it stands after it. The task's folder is written aside and renamed into
   * place, so that a process killed at any moment leaves whole tasks only.
   * @throws ExperimentError `not-saved`; what was saved before stays
   */
  save(task: ScoredTask, learner: Learner, extras: Omit<SavedLast, 'predictions'>): Promise<void>
  /** Writes `metrics.json` anew from the saved tasks. */
  writeMetrics(): Promise<RunMetrics>
  /** Whether an earlier process began it. */
  readonly resumed: boolean
  /** Lets other processes in. */
  release(): Promise<void>
}

/**
 * Begins a run in a new or empty folder.
 * @param stream digest of its data (`digestStream`): what they are compared with when the run is resumed
 * @throws ExperimentError where the folder holds something, is in use or cannot be written: before time is spent on learning
 */
export async function createRun(path: string, input: RunConfigInput, stream: StreamDigest): Promise<OwnedRun> {
  const folder = resolve(path)
  const files = layout(folder)
  const config = runConfigSchema.parse(input)
  const release = await prepared(folder, () => makeFolder(folder))
  try {
    const there = (await readdir(folder)).filter((name) => !name.startsWith('.') && !isUnfinished(name))
    if (there.length > 0)
      throw there.includes('config.json')
        ? new ExperimentError('run-exists', { folder }, `${folder} holds a run already`)
        : new ExperimentError('folder-not-empty', { folder }, `${folder} is not empty`)
    await writeFileAtomic(files.stream, `${JSON.stringify(stream)}\n`)
    await writeFileAtomic(files.config, toJson(config))
    await mkdir(files.tasks)
    return own(await openRun(folder), await identityOf(folder), release, false)
  } catch (error) {
    await release()
    throw notWritable(error, folder)
  }
}

/** Takes up a run where its last saved task ended. @throws ExperimentError where there is none, or another process is in it */
export async function resumeRun(path: string): Promise<OwnedRun> {
  // Read first, so that a wrong path gets no lock folder; then again, now that nobody else can add to it.
  const { path: folder } = await openRun(path)
  const release = await prepared(folder, () => Promise.resolve())
  try {
    const run = await openRun(folder)
    await clearLeftovers(run)
    return own(run, await identityOf(folder), release, true)
  } catch (error) {
    await release()
    throw notWritable(error, folder)
  }
}

async function prepared(folder: string, make: () => Promise<unknown>): Promise<() => Promise<void>> {
  try {
    await make()
    return await lock(folder)
  } catch (error) {
    throw notWritable(error, folder)
  }
}

const notWritable = (error: unknown, folder: string) =>
  error instanceof ExperimentError
    ? error
    : new ExperimentError('folder-not-writable', { folder }, `cannot write to ${folder}: ${fileReason(error)}`, {
        cause: error,
      })

/** Why a file cannot be written, in words. */
const fileReason = (error: unknown) => refusalOf(error) ?? messageOf(error)

/** What tells a folder from another that takes its name; undefined where there is none. */
const identityOf = (folder: string): Promise<string | undefined> =>
  stat(folder, { bigint: true }).then(
    // A number of a file that is gone is soon given to another: when it was made tells them apart.
    ({ dev, ino, birthtimeNs }) => `${dev}-${ino}-${birthtimeNs}`,
    () => undefined,
  )

function own(
  run: RunDirectory,
  identity: string | undefined,
  release: () => Promise<void>,
  resumed: boolean,
): OwnedRun {
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
    resumed,

    async save({ record, cost, predictions }, learner, extras) {
      const index = record.task
      if ((await identityOf(run.path)) !== identity)
        throw new ExperimentError(
          'run-gone',
          { folder: run.path, task: index + 1, saved: records.length },
          `${run.path} was removed or replaced while the run went on: task ${index + 1} cannot be saved there`,
        )
      const aside = taskFiles(files.aside(index))
      try {
        await rm(aside.folder, { recursive: true, force: true })
        await makeFolder(aside.folder)
        const { tensors, json } = learner.state()
        await writeSafetensorsFile(aside.tensors, tensors)
        await writeFileAtomic(aside.state, toJson(json))
        await writeFileAtomic(aside.last, JSON.stringify({ predictions, ...extras } satisfies SavedLast))
        const state = { format: STATE_FORMAT, files: await digestFiles([aside.tensors, aside.state, aside.last]) }
        await writeFileAtomic(aside.task, toJson({ record, cost, state } satisfies SavedTask))
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
            : `safe so far: ${records.length} of ${mainReading(record).byTask.length} tasks`
        throw new ExperimentError(
          'not-saved',
          { folder: run.path, task: index + 1, saved: records.length, tasks: mainReading(record).byTask.length },
          `cannot save task ${index + 1} in ${run.path}: ${fileReason(error)} (${saved})`,
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
