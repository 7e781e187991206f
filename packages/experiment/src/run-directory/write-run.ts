import { readdir, rm, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { Learner } from '@pilotjs/core'
import type { StreamDigest } from '@pilotjs/data'
import { makeFolder, writeFileAtomic, writeSafetensorsFile } from '@pilotjs/core/node'
import { mainReading } from '@pilotjs/eval'
import type { ScoredTask, TaskCost, TaskRecord } from '@pilotjs/eval'
import { ExperimentError } from '../experiment-error'
import type { Claim, ClaimOptions } from './claim-run'
import { claimed, fileReason, notWritable } from './claim-run'
import type { RunConfigInput } from './run-config'
import { runConfigSchema } from './run-config'
import type { RunMetrics, SavedLast, SavedTask } from './layout'
import { layout, taskFiles, toJson } from './layout'
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
  /** Opens a file of the run to be added to, behind what it is to begin with. @returns a file descriptor */
  append(file: string, whole: string): number
  /** Whether an earlier process began it. */
  readonly resumed: boolean
  /** Lets other processes in. */
  release(): Promise<void>
  /** @throws ExperimentError `taken-over` where another process may write to the run by now, and this one may not */
  requireOwned(): Promise<void>
}

/**
 * Begins a run in a new or empty folder.
 * @param stream digest of its data (`digestStream`): what they are compared with when the run is resumed
 * @throws ExperimentError where the folder holds something, is in use or cannot be written: before time is spent on learning
 */
export async function createRun(
  path: string,
  input: RunConfigInput,
  stream: StreamDigest,
  { fence }: ClaimOptions = {},
): Promise<OwnedRun> {
  const folder = resolve(path)
  const files = layout(folder)
  const config = runConfigSchema.parse(input)
  const claim = await claimed(folder, fence, () => makeFolder(folder))
  try {
    const there = (await readdir(folder)).filter((name) => !name.startsWith('.') && !isUnfinished(name))
    if (there.includes('config.json'))
      throw new ExperimentError('run-exists', { folder }, `${folder} holds a run already`)
    // A process that was killed as it began has left no more than this.
    if (there.some((name) => name !== basename(files.stream)))
      throw new ExperimentError('folder-not-empty', { folder }, `${folder} is not empty`)
    await makeFolder(files.tasks)
    await claim.place.write(files.stream, `${JSON.stringify(stream)}\n`)
    await claim.place.write(files.config, toJson(config))
    return own(await openRun(folder), await identityOf(folder), claim, false)
  } catch (error) {
    await claim.release()
    throw notWritable(error, folder)
  }
}

/** Takes up a run where its last saved task ended. @throws ExperimentError where there is none, or another process is in it */
export async function resumeRun(path: string, { fence }: ClaimOptions = {}): Promise<OwnedRun> {
  // Read first, so that a wrong path gets no lock folder; then again, now that nobody else can add to it.
  const { path: folder } = await openRun(path)
  const claim = await claimed(folder, fence, () => Promise.resolve())
  try {
    const run = await openRun(folder)
    await clearLeftovers(run)
    return own(run, await identityOf(folder), claim, true)
  } catch (error) {
    await claim.release()
    throw notWritable(error, folder)
  }
}

/** A folder that vanishes meanwhile was taken away, and must not be made again. */
const there = { makeFolder: false }

/** What tells a folder from another that takes its name; undefined where there is none. */
const identityOf = (folder: string): Promise<string | undefined> =>
  stat(folder, { bigint: true }).then(
    // A number of a file that is gone is soon given to another: when it was made tells them apart.
    ({ dev, ino, birthtimeNs }) => `${dev}-${ino}-${birthtimeNs}`,
    () => undefined,
  )

function own(run: RunDirectory, identity: string | undefined, { place, release }: Claim, resumed: boolean): OwnedRun {
  const files = layout(run.path)
  const records: TaskRecord[] = [...run.records]
  const costs: TaskCost[] = [...run.costs]

  const writeMetrics = async (): Promise<RunMetrics> => {
    const metrics = metricsOf({ config: run.config, records, costs })
    try {
      await place.write(files.metrics, toJson(metrics))
    } catch (error) {
      await requireOwned()
      throw error
    }
    return metrics
  }
  const requireOwned = async () => {
    if (!(await place.lost())) return
    const message = `another process has taken over the run in ${run.path}: nothing more is written to it from here`
    throw new ExperimentError('taken-over', { folder: run.path }, message)
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
    append: (file, whole) => place.append(file, whole),
    release,
    resumed,
    requireOwned,

    async save({ record, cost, predictions }, learner, extras) {
      const index = record.task
      if ((await identityOf(run.path)) !== identity)
        throw new ExperimentError(
          'run-gone',
          { folder: run.path, task: index + 1, saved: records.length },
          `${run.path} was removed or replaced while the run went on: task ${index + 1} cannot be saved there`,
        )
      await requireOwned()
      let aside: ReturnType<typeof taskFiles> | undefined
      try {
        aside = taskFiles(await place.begin(index))
        const { tensors, json } = learner.state()
        await writeSafetensorsFile(aside.tensors, tensors, there)
        await writeFileAtomic(aside.state, toJson(json), there)
        await writeFileAtomic(aside.last, JSON.stringify({ predictions, ...extras } satisfies SavedLast), there)
        const state = { format: STATE_FORMAT, files: await digestFiles([aside.tensors, aside.state, aside.last]) }
        await writeFileAtomic(aside.task, toJson({ record, cost, state } satisfies SavedTask), there)
        await publish(aside.folder, files.task(index).folder, { replace: !place.fenced })
        records.push(record)
        costs.push(cost)
        await writeMetrics()
        if (index > 0) await forgetState(files.task(index - 1))
      } catch (error) {
        await requireOwned()
        if (aside) await rm(aside.folder, { recursive: true, force: true }).catch(() => undefined)
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
