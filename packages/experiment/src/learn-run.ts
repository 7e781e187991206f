import { memoryFeatureCache } from '@pilotjs/core'
import type { RunEvent } from '@pilotjs/eval'
import { writeReport } from '@pilotjs/eval/node'
import { eventsOf } from './events'
import { ExperimentError } from './experiment-error'
import type { Loaded } from './registry/registry'
import type { RunMetrics } from './run-directory/layout'
import { layout } from './run-directory/layout'
import type { RunConfig } from './run-directory/run-config'
import { runInDirectory } from './run-directory/run-in-directory'
import type { OwnedRun } from './run-directory/write-run'
import { createRun } from './run-directory/write-run'
import type { Experiment } from './workbench/workbench'

/**
 * Begins a run of an experiment that was prepared, in a new or empty folder. The config is saved with the engine that was found and
 * what the backbone is made of.
 * @throws ExperimentError where the folder cannot be had
 */
export const beginRun = (
  folder: string,
  config: RunConfig,
  { engine, backbone }: Experiment,
  method: Pick<Loaded<'method'>, 'package' | 'version'>,
): Promise<OwnedRun> =>
  createRun(folder, {
    ...config,
    engine,
    provenance: {
      backbone: backbone.fingerprint,
      packages: { [method.package]: method.version },
      started: new Date().toISOString(),
    },
  })

/**
 * Learns what is left of a run, saving every task, and writes its report. The run is released at the end, come what may.
 * A task's `scored` event comes when it is saved, and the next task waits until it is dealt with.
 * @returns the metrics of the whole run
 */
export function learnRun(
  run: OwnedRun,
  experiment: Experiment,
  options: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<RunEvent, RunMetrics, undefined> {
  return eventsOf<RunEvent, RunMetrics>(async (emit, signal) => {
    try {
      requireSameBackbone(run, experiment)
      const learner = experiment.createLearner()
      try {
        const metrics = await runInDirectory({
          run,
          learner,
          stream: experiment.stream,
          preprocessing: experiment.transforms,
          features: memoryFeatureCache(),
          signal,
          onEvent: emit,
        })
        await writeReport([run], layout(run.path).report)
        return metrics
      } finally {
        learner.dispose()
      }
    } finally {
      await run.release()
    }
  }, options.signal)
}

/** @throws ExperimentError `backbone-changed` where the weights are not those that the run began with */
export function requireSameBackbone(
  { config, path }: Pick<OwnedRun, 'config' | 'path'>,
  { backbone }: Pick<Experiment, 'backbone'>,
): void {
  const began = config.provenance?.backbone
  if (began !== undefined && began !== backbone.fingerprint)
    throw new ExperimentError(
      'backbone-changed',
      { folder: path, backbone: config.backbone, config: layout(path).config },
      `${path} began with other weights of backbone "${config.backbone}"`,
    )
}
