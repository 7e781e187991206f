import type { Preprocessing } from '@pilotjs/core'
import type { EvaluateOptions, RunEvent } from '@pilotjs/eval'
import { evaluate } from '@pilotjs/eval'
import type { RunMetrics } from './layout'
import { collectMistakes } from './mistakes'
import type { OwnedRun } from './write-run'

export interface RunInDirectoryOptions extends Pick<EvaluateOptions, 'learner' | 'stream' | 'features' | 'signal'> {
  readonly run: OwnedRun
  /** Turns a batch back into pictures, for the report's wrongly classified images. */
  readonly preprocessing: Pick<Preprocessing, 'mean' | 'std'>
  /** A task's `scored` comes when it is saved, and is awaited before the next task begins. */
  onEvent?(event: RunEvent): void | Promise<void>
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
    onEvent: (event) => {
      if (event.kind !== 'scored') void options.onEvent?.(event)
    },
    seed: run.config.seed,
    batchSize: run.config.scoreBatchSize,
    earlier: run.records,
    residentMemory: () => process.memoryUsage.rss(),
    async afterTask(task) {
      const { record, cost, predictions } = task
      const mistakes = await collectMistakes(stream, record.task + 1, predictions, preprocessing)
      await run.save(task, learner, { mistakes, classNames: stream.classNames, plan: stream.plan })
      await options.onEvent?.({ kind: 'scored', task: record.task, record, cost })
    },
  })
  return run.writeMetrics()
}
