import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { diskFeatureCache } from '@pilotjs/core/node'
import { ExperimentError } from '../experiment-error'
import { beginRun, learnRun } from '../learn-run'
import type { Registry } from '../registry/registry'
import type { ClaimOptions } from '../run-directory/claim-run'
import { layout } from '../run-directory/layout'
import { resumeRun } from '../run-directory/write-run'
import type { Experiment, Workbench } from '../workbench/workbench'
import { createWorkbench } from '../workbench/workbench'
import { newsOf } from './run-news'
import type { RunNews, RunSaved, SweepRun } from './sweep-run'

export interface LearnSweepRunOptions extends ClaimOptions {
  /** The sweep's folder. */
  readonly out: string
  readonly registry: Registry
  /** Folder in which features of frozen extractors are shared with other runs. Default: kept in memory. */
  readonly features?: string
  readonly signal?: AbortSignal
  onNews(news: RunNews): void
  /** Awaited after each saved task, and once the run is complete. */
  onSaved?(saved: RunSaved): Promise<void>
}

/**
 * Begins a run of a sweep in its folder, or goes on after its last saved task, to its end.
 * @throws ExperimentError `other-ingredients` where data or weights are not those that the sweep was planned with
 */
export async function learnSweepRun(run: SweepRun, options: LearnSweepRunOptions): Promise<void> {
  const { registry, signal, onNews, onSaved, fence } = options
  const bench = createWorkbench({
    registry,
    signal,
    // The sweep has looked at every image before.
    check: 'none',
    onPreparing: (what) => onNews({ kind: 'preparing', what }),
  })
  const features = options.features === undefined ? undefined : sharedFeatures(options.features, onNews)
  try {
    const method = await registry.load('method', run.config.method)
    const experiment = await bench.prepare(run.config, method.value)
    await requireSameIngredients(run, experiment, bench)
    const folder = join(options.out, run.folder)
    const owned = existsSync(layout(folder).config)
      ? await resumeRun(folder, { fence })
      : await beginRun(folder, run.config, experiment, method, { fence })
    const earlier = owned.records.map(({ accuracy }, task) => ({ accuracy, seconds: secondsOf(owned.costs[task]!) }))
    onNews({ kind: 'begun', earlier })
    const tell = newsOf(onNews)
    for await (const event of learnRun(owned, experiment, { signal, method, features })) {
      // Whoever hears of a task may count on it.
      if (event.kind === 'scored') await onSaved?.({ complete: false })
      tell(event)
    }
    await onSaved?.({ complete: true })
  } finally {
    features?.close()
    await bench.close()
  }
}

const secondsOf = ({ learnSeconds, scoreSeconds }: { learnSeconds: number; scoreSeconds: number }) =>
  learnSeconds + scoreSeconds

const sharedFeatures = (folder: string, onNews: (news: RunNews) => void) =>
  diskFeatureCache({ folder, onProblem: (message) => onNews({ kind: 'note', message }) })

async function requireSameIngredients(run: SweepRun, { backbone }: Experiment, bench: Workbench): Promise<void> {
  const refuse = (what: string) =>
    new ExperimentError(
      'other-ingredients',
      { folder: run.folder, what },
      `${run.label}: ${what} here is not what the sweep was planned with`,
    )
  if ((await backbone.fingerprint()) !== run.backbone) throw refuse(`backbone ${run.config.backbone}`)
  if ((await bench.dataDigest(run.config)) !== run.data) throw refuse(`data set ${run.config.data.name}`)
}
