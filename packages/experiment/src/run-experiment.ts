import { resolve } from 'node:path'
import type { Backbone, Method } from '@pilotjs/core'
import type { Dataset } from '@pilotjs/data'
import type { TaskCost, TaskRecord } from '@pilotjs/eval'
import { eventsOf } from './events'
import type { LearnEvent } from './learn-run'
import { beginRun, learnRun } from './learn-run'
import { planRuns } from './planning/plan-runs'
import type { Settings } from './planning/settings'
import type { Registry } from './registry/registry'
import { createRegistry } from './registry/registry'
import type { RunMetrics } from './run-directory/layout'
import { openRun } from './run-directory/open-run'
import type { OwnedRun } from './run-directory/write-run'
import { resumeRun } from './run-directory/write-run'
import type { MethodPackage } from './same-ingredients'
import type { Experiment, Workbench, WorkbenchOptions } from './workbench/workbench'
import { createWorkbench } from './workbench/workbench'

/** A task that was learned, scored and saved. */
export interface FinishedTask {
  /** From 0. */
  readonly task: number
  /** Of the whole stream. */
  readonly tasks: number
  /** Accuracy on all classes seen, percent. */
  readonly accuracy: number
  readonly record: TaskRecord
  readonly cost: TaskCost
}

/** What a run tells while it goes on; `preparing` and `begun` come before its first task. */
export type ExperimentEvent =
  | { readonly kind: 'preparing'; readonly what: string; readonly done: number; readonly total: number }
  | { readonly kind: 'begun'; readonly folder: string; readonly earlier: readonly TaskRecord[] }
  | LearnEvent

interface Surroundings {
  readonly signal?: AbortSignal
  /** Folder that names and paths are looked up from. Default: the working directory. */
  readonly cwd?: string
  readonly registry?: Registry
}

export interface ExperimentSettings extends Omit<Settings, 'data' | 'backbone' | 'seeds'>, Surroundings {
  /** A method's name, the package that holds it, or the path of a config (`*.json`), one of PILOT's or a run's. */
  readonly method: string
  /** A data set's name or folder, or the data set itself (a run with such a one goes on only where it is given again). */
  readonly data?: string | Dataset
  /** A backbone's name, file or folder, or the backbone itself; such a one is yours to dispose. */
  readonly backbone?: string | Backbone
  readonly seed?: number
  /** The run's folder, new or empty. */
  readonly out: string
}

export interface ResumeSettings extends Surroundings {
  /** Stand in for what the run's config names. */
  readonly method?: Method
  readonly data?: Dataset
  readonly backbone?: Backbone
}

/**
 * A method on a stream of tasks, every task saved: what `config.json` in the run's folder says is enough to make the same run
 * again.
 * @example
 * for await (const { accuracy } of runExperiment({ method: 'l2p', data: 'cifar224', increment: 10, seed: 1993, out: 'runs/l2p'
 * }))
 *   console.log(accuracy)
 * @returns the tasks as they are finished, and at the end the run's metrics. Leaving the loop stops the run after what is saved
 * @throws ExperimentError, and errors of core and data; before anything is written where what is asked for does not go together
 */
export const runExperiment = (settings: ExperimentSettings): AsyncGenerator<FinishedTask, RunMetrics, undefined> =>
  tasksOf(experimentEvents(settings))

/** As `runExperiment`, with every step told. */
export function experimentEvents(settings: ExperimentSettings): AsyncGenerator<ExperimentEvent, RunMetrics, undefined> {
  const { method: target, data, backbone, seed, out, signal, cwd = process.cwd(), ...given } = settings
  const registry = settings.registry ?? createRegistry({ cwd })
  const brought = {
    ...(typeof data === 'object' ? { dataset: data } : {}),
    ...(typeof backbone === 'object' ? { backbone } : {}),
  }
  return follow(registry, brought, signal, async (bench, note) => {
    const { loaded, configs, notes } = await planRuns(
      target,
      { ...given, data: nameOf(data), backbone: nameOf(backbone), ...(seed === undefined ? {} : { seeds: [seed] }) },
      { cwd, registry, brought },
    )
    notes.forEach(note)
    const config = configs[0]!
    const experiment = await bench.prepare(config, loaded.value)
    return { experiment, run: await beginRun(resolve(cwd, out), config, experiment, loaded) }
  })
}

/**
 * Goes on with a run after its last saved task, to the metrics of an uninterrupted one.
 * @throws ExperimentError where there is no run, another process is in it, or it was begun with something else than is there now
 */
export const resumeExperiment = (
  folder: string,
  settings: ResumeSettings = {},
): AsyncGenerator<FinishedTask, RunMetrics, undefined> => tasksOf(resumedEvents(folder, settings))

/** As `resumeExperiment`, with every step told. */
export function resumedEvents(
  folder: string,
  { method, data, backbone, signal, ...settings }: ResumeSettings = {},
): AsyncGenerator<ExperimentEvent, RunMetrics, undefined> {
  const cwd = settings.cwd ?? process.cwd()
  const registry = settings.registry ?? createRegistry({ cwd })
  return follow(registry, { dataset: data, backbone }, signal, async (bench) => {
    const { config, path } = await openRun(resolve(cwd, folder))
    const loaded = method ? undefined : await registry.load('method', config.method)
    const experiment = await bench.prepare(config, method ?? loaded!.value)
    return { experiment, run: await resumeRun(path), method: loaded }
  })
}

interface Begun {
  readonly run: OwnedRun
  readonly experiment: Experiment
  /** Where the method comes from, unless it was given. */
  readonly method?: MethodPackage
}

/** Prepares, then learns, and lets go of everything at the end, however that comes. */
async function* follow(
  registry: Registry,
  brought: Pick<WorkbenchOptions, 'dataset' | 'backbone'>,
  signal: AbortSignal | undefined,
  begin: (bench: Workbench, note: (message: string) => void) => Promise<Begun>,
): AsyncGenerator<ExperimentEvent, RunMetrics, undefined> {
  let bench: Workbench | undefined
  let begun: Begun | undefined
  try {
    const { run, experiment, method } = yield* eventsOf<ExperimentEvent, Begun>(async (emit, stop) => {
      bench = createWorkbench({
        ...brought,
        registry,
        signal: stop,
        onPreparing: (what, done, total) => void emit({ kind: 'preparing', what, done, total }),
        onNotice: (message) => void emit({ kind: 'note', message }),
      })
      begun = await begin(bench, (message) => void emit({ kind: 'note', message }))
      return begun
    }, signal)
    yield { kind: 'begun', folder: run.path, earlier: [...run.records] }
    return yield* learnRun(run, experiment, { signal, method })
  } finally {
    await begun?.run.release()
    await bench?.close()
  }
}

async function* tasksOf(
  events: AsyncGenerator<ExperimentEvent, RunMetrics, undefined>,
): AsyncGenerator<FinishedTask, RunMetrics, undefined> {
  let tasks = 0
  try {
    for (;;) {
      const { done, value: event } = await events.next()
      if (done) return event
      if (event.kind === 'task') tasks = event.tasks
      if (event.kind === 'scored') {
        const { task, record, cost } = event
        yield { task, tasks, accuracy: record.accuracy, record, cost }
      }
    }
  } finally {
    await events.return(undefined as never)
  }
}

const nameOf = (thing: string | { readonly name: string } | undefined) =>
  typeof thing === 'object' ? thing.name : thing
