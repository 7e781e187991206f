import type { Preprocessing } from '@pilotjs/core'
import type { EvaluateOptions } from '../protocol/evaluate'
import { evaluate } from '../protocol/evaluate'
import type { RunMetrics } from './layout'
import { collectMistakes } from './mistakes'
import type { OwnedRun } from './write-run'

export interface RunInDirectoryOptions extends Pick<
  EvaluateOptions,
  'learner' | 'stream' | 'features' | 'signal' | 'onEvent'
> {
  readonly run: OwnedRun
  /** Turns a batch back into pictures, for the report's wrongly classified images. */
  readonly preprocessing: Pick<Preprocessing, 'mean' | 'std'>
}

/**
 * The protocol with every task saved: begins a new run, or goes on after the last task that an earlier process saved.
 * The learner must be new. The run stays this process's until `run.release()`.
 */
export async function runInDirectory(options: RunInDirectoryOptions): Promise<RunMetrics> {
  const { run, learner, stream, preprocessing } = options
  if (run.records.length > 0) await run.restore(learner)
  await evaluate({
    learner,
    stream,
    features: options.features,
    signal: options.signal,
    onEvent: (event) => options.onEvent?.(event),
    seed: run.config.seed,
    batchSize: run.config.scoreBatchSize,
    earlier: run.records,
    residentMemory: () => process.memoryUsage.rss(),
    async afterTask(task) {
      const mistakes = await collectMistakes(stream, task.record.task + 1, task.predictions, preprocessing)
      await run.save(task, learner, { mistakes, classNames: stream.classNames, plan: stream.plan })
    },
  })
  return run.writeMetrics()
}
