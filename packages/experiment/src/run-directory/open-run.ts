import { resolve } from 'node:path'
import type { JsonValue, Learner, NamedTensors } from '@pilotjs/core'
import { readSafetensorsFile } from '@pilotjs/core/node'
import { dispose } from '@tensorflow/tfjs-core'
import * as z from 'zod'
import type { TaskCost, TaskRecord } from '@pilotjs/eval'
import { mainReading, summarize } from '@pilotjs/eval'
import { ExperimentError, messageOf } from '../experiment-error'
import type { RunConfig } from './run-config'
import { runConfigSchema } from './run-config'
import type { RunMetrics, SavedLast, SavedTask } from './layout'
import { exists, layout } from './layout'
import { readSaved, requireUndamaged } from './read-saved'
import { savedLastSchema, savedStateSchema, savedTaskSchema } from './saved-schemas'

/** A run on disk, for reading. */
export interface RunDirectory {
  readonly path: string
  readonly config: RunConfig
  /** Tasks saved so far, in order. */
  readonly records: readonly TaskRecord[]
  readonly costs: readonly TaskCost[]
  /** Whether every task of the stream is saved. */
  readonly complete: boolean
  /**
   * Puts a new learner in the state after the last saved task. @throws ExperimentError `damaged-run` naming the file that doesn't
   * fit
   */
  restore(learner: Learner): Promise<void>
  /** Predictions, mistakes and class names as of the last saved task. */
  last(): Promise<SavedLast>
}

/** Opens a run for a report or a prediction. @throws ExperimentError where the folder holds no readable run */
export async function openRun(path: string): Promise<RunDirectory> {
  const folder = resolve(path)
  const files = layout(folder)
  const config = await readConfig(folder)
  const records: TaskRecord[] = []
  const costs: TaskCost[] = []
  let last: SavedTask | undefined
  while (await exists(files.task(records.length).task)) {
    const saved = await readTask(files.task(records.length).task, files.config)
    records.push(saved.record)
    costs.push(saved.cost)
    last = saved
  }
  const lastFiles = () => {
    if (!last) throw new ExperimentError('nothing-finished', { folder }, `${folder} has no finished task yet`)
    return { ...files.task(records.length - 1), saved: last.state }
  }
  return {
    path: folder,
    config,
    records,
    costs,
    complete: isComplete(records),
    async restore(learner) {
      const { tensors: file, state, saved } = lastFiles()
      await requireUndamaged([file, state], saved, files)
      const json: Record<string, JsonValue> = await readSaved(state, savedStateSchema, files)
      let tensors: NamedTensors = {}
      try {
        tensors = await readSafetensorsFile(file)
        learner.restore({ tensors, json })
      } catch (error) {
        throw new ExperimentError(
          'damaged-run',
          { file, config: files.config },
          `the learner that ${files.config} asks for cannot take up ${file}: ${messageOf(error).replace(`${file}: `, '')}`,
          { cause: error },
        )
      } finally {
        dispose(tensors)
      }
    },
    async last() {
      const { last: file, saved } = lastFiles()
      const read = await readSaved(file, savedLastSchema, files)
      await requireUndamaged([file], saved, files)
      return read as unknown as SavedLast
    },
  }
}

/** What `metrics.json` says of a run, worked out from its saved tasks. */
export const metricsOf = ({
  config,
  records,
  costs,
}: Pick<RunDirectory, 'config' | 'records' | 'costs'>): RunMetrics => ({
  format: 1,
  method: config.method,
  complete: isComplete(records),
  summary: records.length > 0 ? summarize(records) : null,
  tasks: records,
  costs,
})

/** A record has a place for every task of the stream, learned or not. */
export const isComplete = (records: readonly TaskRecord[]) =>
  records.length > 0 && records.length >= mainReading(records.at(-1)!).byTask.length

/** The schema holds what must be so for a run to go on; the rest of a record is as this toolbox wrote it. */
const readTask = async (file: string, config: string): Promise<SavedTask> =>
  (await readSaved(file, savedTaskSchema, { config })) as unknown as SavedTask

async function readConfig(folder: string): Promise<RunConfig> {
  const file = layout(folder).config
  if (!(await exists(file))) throw new ExperimentError('no-run', { folder }, `${folder} is no run: there is no ${file}`)
  const checked = runConfigSchema.safeParse(await readSaved(file, z.unknown()))
  if (!checked.success)
    throw new ExperimentError(
      'invalid-config',
      { file, fields: checked.error.issues.map(({ path }) => path.join('.')) },
      `${file} is not a run's config:\n${z.prettifyError(checked.error)}`,
    )
  return checked.data
}
