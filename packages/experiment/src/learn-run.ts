import type { FeatureCache } from '@pilotjs/core'
import { memoryFeatureCache } from '@pilotjs/core/features'
import { digestStream } from '@pilotjs/data'
import type { LoggedEvent, RunEvent } from '@pilotjs/eval'
import { writeReport } from '@pilotjs/eval/node'
import { eventsOf } from './events'
import { messageOf } from './experiment-error'
import { openEventLog } from './run-directory/event-log'
import type { RunMetrics } from './run-directory/layout'
import { layout } from './run-directory/layout'
import type { ClaimOptions } from './run-directory/claim-run'
import type { RunConfig } from './run-directory/run-config'
import { runInDirectory } from './run-directory/run-in-directory'
import type { OwnedRun } from './run-directory/write-run'
import { createRun } from './run-directory/write-run'
import type { MethodPackage } from './same-ingredients'
import { packageVersions, requireSameBackbone, requireSameData, versionNotes } from './same-ingredients'
import type { Experiment } from './workbench/workbench'

/** What a run tells; `note` is something that one may want to know. */
export type LearnEvent = RunEvent | { readonly kind: 'note'; readonly message: string }

/**
 * Begins a run of an experiment that was prepared, in a new or empty folder. Saved with the config are the engine that was found,
 * what the backbone is made of, versions of the packages that compute, and a digest of the data.
 * @throws ExperimentError where the folder cannot be had
 */
export async function beginRun(
  folder: string,
  config: RunConfig,
  { engine, backbone, stream }: Experiment,
  method: MethodPackage,
  claim: ClaimOptions = {},
): Promise<OwnedRun> {
  const provenance = {
    backbone: await backbone.fingerprint(),
    ...(backbone.precision && { precision: backbone.precision }),
    packages: packageVersions(method, engine),
    started: new Date().toISOString(),
  }
  const { precision } = backbone
  return createRun(
    folder,
    { ...config, engine, ...(precision && { precision }), provenance },
    await digestStream(stream),
    claim,
  )
}

export interface LearnOptions {
  readonly signal?: AbortSignal
  /** Of which package the method is: other versions than the run began with are told in a note. */
  readonly method?: MethodPackage
  /** Where features of frozen extractors are kept. Default: in memory. */
  readonly features?: FeatureCache
  /** Told every line of `events.jsonl` as it is written, earlier ones of a resumed run first; not waited for. */
  readonly onLogged?: (event: LoggedEvent) => void
}

/**
 * Learns what is left of a run, saving every task, and writes its report. The run is released at the end, come what may.
 * A task's `scored` event comes when it is saved, and the next task waits until it is dealt with.
 * @returns the metrics of the whole run
 * @throws ExperimentError `backbone-changed`, `data-changed` where a resumed run was begun with something else
 */
export function learnRun(
  run: OwnedRun,
  experiment: Experiment,
  options: LearnOptions = {},
): AsyncGenerator<LearnEvent, RunMetrics, undefined> {
  return eventsOf<LearnEvent, RunMetrics>(async (emit, signal) => {
    try {
      await requireSameBackbone(run, experiment)
      if (run.resumed) {
        await requireSameData(run, experiment, { signal })
        for (const message of versionNotes(run, options.method)) void emit({ kind: 'note', message })
      }
      const log = openEventLog(run, {
        tasks: experiment.stream.tasks.length,
        classes: experiment.stream.plan.totalClasses,
        onLogged: options.onLogged,
        onProblem: (message) => void emit({ kind: 'note', message }),
      })
      const learner = experiment.createLearner()
      try {
        const metrics = await runInDirectory({
          run,
          learner,
          stream: experiment.stream,
          preprocessing: experiment.transforms,
          features: options.features ?? memoryFeatureCache({ batchSize: run.config.scoreBatchSize }),
          signal,
          onEvent(event) {
            log.take(event)
            return emit(event)
          },
        })
        await run.requireOwned()
        log.finish()
        await writeReport([run], layout(run.path).report)
        return metrics
      } catch (error) {
        // Whoever has the run now tells what becomes of it.
        await run.requireOwned().then(
          () => log.stop(messageOf(error)),
          () => undefined,
        )
        throw error
      } finally {
        log.close()
        learner.dispose()
      }
    } finally {
      await run.release()
    }
  }, options.signal)
}
