import { resolve } from 'node:path'
import type { JsonValue, Learner, NamedTensors } from '@pilotjs/core'
import { readSafetensorsFile } from '@pilotjs/core/node'
import { dispose } from '@tensorflow/tfjs-core'
import { z } from 'zod'
import type { TaskCost, TaskRecord } from '@pilotjs/eval'
import { summarize } from '@pilotjs/eval'
import { ExperimentError, messageOf } from '../experiment-error'
import type { RunConfig } from './run-config'
import { runConfigSchema } from './run-config'
import type { RunMetrics, SavedLast, SavedTask } from './layout'
import { exists, layout, readJson } from './layout'

/** A run on disk, for reading. */
export interface RunDirectory {
  readonly path: string
  readonly config: RunConfig
  /** Tasks saved so far, in order. */
  readonly records: readonly TaskRecord[]
  readonly costs: readonly TaskCost[]
  /** Whether every task of the stream is saved. */
  readonly complete: boolean
  /** Puts a new learner in the state after the last saved task. @throws ExperimentError `damaged-run` naming the file that doesn't fit */
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
  while (await exists(files.task(records.length).task)) {
    const { record, cost } = await readJson<SavedTask>(files.task(records.length).task, files.config)
    records.push(record)
    costs.push(cost)
  }
  const lastFiles = () => {
    if (records.length === 0)
      throw new ExperimentError('nothing-finished', { folder }, `${folder} has no finished task yet`)
    return files.task(records.length - 1)
  }
  return {
    path: folder,
    config,
    records,
    costs,
    complete: isComplete(records),
    async restore(learner) {
      const { tensors: file, state } = lastFiles()
      const json = await readJson<Record<string, JsonValue>>(state, files.config)
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
    last: () => readJson<SavedLast>(lastFiles().last, files.config),
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
  records.length > 0 && records.length >= records.at(-1)!.head.byTask.length

async function readConfig(folder: string): Promise<RunConfig> {
  const file = layout(folder).config
  if (!(await exists(file))) throw new ExperimentError('no-run', { folder }, `${folder} is no run: there is no ${file}`)
  const checked = runConfigSchema.safeParse(await readJson<unknown>(file))
  if (!checked.success)
    throw new ExperimentError(
      'invalid-config',
      { file, fields: checked.error.issues.map(({ path }) => path.join('.')) },
      `${file} is not a run's config:\n${z.prettifyError(checked.error)}`,
    )
  return checked.data
}
