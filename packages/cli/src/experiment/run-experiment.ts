import { memoryFeatureCache } from '@pilotjs/core'
import type { RunEvent } from '@pilotjs/eval'
import type { OwnedRun, RunConfig, RunMetrics } from '@pilotjs/eval/node'
import { runInDirectory, writeReport } from '@pilotjs/eval/node'
import { join } from 'node:path'
import type { Experiment } from './workbench'

/** The config as it is saved: with the engine that was found and what the backbone is made of. */
export const sealed = (
  config: RunConfig,
  { engine, backbone }: Experiment,
  method: { package: string; version: string },
): RunConfig => ({
  ...config,
  engine,
  provenance: {
    backbone: backbone.fingerprint,
    packages: { [method.package]: method.version },
    started: new Date().toISOString(),
  },
})

/** Learns what is left of a run, saving every task, and writes its report. The run is released at the end, come what may. */
export async function runExperiment(
  run: OwnedRun,
  experiment: Experiment,
  options: { readonly signal: AbortSignal; onEvent(event: RunEvent): void },
): Promise<RunMetrics> {
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
        signal: options.signal,
        onEvent: (event) => options.onEvent(event),
      })
      await writeReport([run], join(run.path, 'report.html'))
      return metrics
    } finally {
      learner.dispose()
    }
  } finally {
    await run.release()
  }
}

/** @throws Error where the weights are not those that the run began with */
export function requireSameBackbone(
  { config, path }: Pick<OwnedRun, 'config' | 'path'>,
  { backbone }: Pick<Experiment, 'backbone'>,
): void {
  const began = config.provenance?.backbone
  if (began !== undefined && began !== backbone.fingerprint)
    throw new Error(
      `${path} began with other weights of backbone "${config.backbone}": put those back, or start a new run (pilot run ${join(path, 'config.json')} --out …)`,
    )
}
