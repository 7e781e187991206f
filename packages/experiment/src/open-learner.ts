import { resolve } from 'node:path'
import type { Backbone, ConfiguredMethod, Learner, Method, StreamPlan } from '@pilotjs/core'
import type { Dataset, Transforms } from '@pilotjs/data'
import type { Registry } from './registry/registry'
import { createRegistry } from './registry/registry'
import type { RunDirectory } from './run-directory/open-run'
import { openRun } from './run-directory/open-run'
import { requireSameBackbone, versionNotes } from './same-ingredients'
import { transformsOf } from './workbench/transforms-of'
import { createLearner, createWorkbench } from './workbench/workbench'

export interface OpenLearnerOptions {
  /** Folder that relative paths start in. Default: the working directory. */
  readonly cwd?: string
  readonly registry?: Registry
  /** Stand in for what the run's config names. */
  readonly method?: Method
  readonly backbone?: Backbone
  readonly signal?: AbortSignal
  /** Told what one may want to know: packages that are of another version than those that the run was made with. */
  readonly onNote?: (message: string) => void
}

/** The learner that a run saved after its last task, ready to score. */
export interface OpenLearner {
  readonly run: RunDirectory
  readonly learner: Learner
  readonly method: ConfiguredMethod
  readonly backbone: Backbone
  /** By label. */
  readonly classNames: readonly string[]
  readonly plan: StreamPlan
  /** How the run's images were prepared. */
  readonly transforms: Transforms
  /** The run's data, where they are still there. */
  dataset(): Promise<Dataset>
  /** Lets go of learner and backbone. */
  close(): Promise<void>
}

/** @throws ExperimentError where the run cannot be read, its state has another format, or its backbone is another now */
export async function openLearner(folder: string, options: OpenLearnerOptions = {}): Promise<OpenLearner> {
  const { cwd = process.cwd(), signal } = options
  const registry = options.registry ?? createRegistry({ cwd })
  const run = await openRun(resolve(cwd, folder))
  const loaded = options.method ? undefined : await registry.load('method', run.config.method)
  const method = options.method ?? loaded!.value
  for (const note of versionNotes(run, loaded)) options.onNote?.(note)
  const bench = createWorkbench({ registry, signal, backbone: options.backbone })
  let learner: Learner | undefined
  const close = async () => {
    learner?.dispose()
    await bench.close()
  }
  try {
    const { classNames, plan } = await run.last()
    const backbone = await bench.backbone(run.config)
    await requireSameBackbone(run, { backbone })
    learner = createLearner(run.config, method, backbone, plan)
    await run.restore(learner)
    return {
      run,
      learner,
      method: method(run.config.options),
      backbone,
      classNames,
      plan,
      transforms: transformsOf(run.config, backbone.preprocessing),
      dataset: () => bench.dataset(run.config),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
