import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { StreamPlan } from '@pilotjs/core'
import type { Summary, TaskCost, TaskRecord } from '@pilotjs/eval'
import type { LastTask } from '@pilotjs/eval/node'

/**
 * The folder of a run:
 *
 *     config.json            what was asked for
 *     stream.json            digests of the data, task by task
 *     events.jsonl           what happened, line by line
 *     metrics.json           what it came to so far; derived from the tasks
 *     tasks/000/task.json    record and cost of a task
 *     tasks/NNN/state.*      the learner after the last task
 *     tasks/NNN/predictions.json
 */
export const layout = (folder: string) => ({
  config: join(folder, 'config.json'),
  stream: join(folder, 'stream.json'),
  metrics: join(folder, 'metrics.json'),
  events: join(folder, 'events.jsonl'),
  report: join(folder, 'report.html'),
  tasks: join(folder, 'tasks'),
  /** Where a task is written until it is whole. */
  aside: (index: number) => join(folder, 'tasks', `.writing-${taskName(index)}`),
  task: (index: number) => taskFiles(join(folder, 'tasks', taskName(index))),
})

/** The files in a task's folder. */
export const taskFiles = (folder: string) => ({
  folder,
  task: join(folder, 'task.json'),
  tensors: join(folder, 'state.safetensors'),
  state: join(folder, 'state.json'),
  last: join(folder, 'predictions.json'),
})

const taskName = (index: number) => String(index).padStart(3, '0')

/** `metrics.json`. All but `costs` is the same for an interrupted and resumed run. */
export interface RunMetrics {
  readonly format: 1
  readonly method: string
  readonly complete: boolean
  readonly summary: Summary | null
  readonly tasks: readonly TaskRecord[]
  readonly costs: readonly TaskCost[]
}

/** `task.json` */
export interface SavedTask {
  readonly record: TaskRecord
  readonly cost: TaskCost
  /** The learner's files beside it, while it is the last task's. */
  readonly state: { readonly format: number; readonly files: Readonly<Record<string, string>> }
}

/** `predictions.json`: kept for the last task alone, as the state is. */
export interface SavedLast extends LastTask {
  /** The stream's, so that a learner can be made again without the data. */
  readonly plan: StreamPlan
}

export const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  )

export const toJson = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`
