import { setTimeout as pause } from 'node:timers/promises'
import { join } from 'node:path'
import type { AnyExperimentError } from '../experiment-error'
import { ExperimentError, isExperimentError } from '../experiment-error'
import { exists } from '../run-directory/layout'
import type { SweepFolder } from './sweep-folder'
import type { Execute, RunNews, SweepRun, TaskNews } from './sweep-run'

/** What happens to the runs of a sweep. */
export type SweepEvent =
  /** Told of every run before the first begins: what an earlier process saved of it. */
  | {
      readonly kind: 'found'
      readonly run: SweepRun
      readonly earlier: readonly TaskNews[]
      readonly complete: boolean
    }
  | { readonly kind: 'started'; readonly run: SweepRun }
  | { readonly kind: 'news'; readonly run: SweepRun; readonly news: RunNews }
  /** Another process is at it: it is looked at again later. */
  | { readonly kind: 'elsewhere'; readonly run: SweepRun; readonly reason: string }
  | { readonly kind: 'done'; readonly run: SweepRun }
  | { readonly kind: 'failed'; readonly run: SweepRun; readonly error: unknown }

export interface RunSweepOptions {
  readonly execute: Execute
  /** Runs at the same time. */
  readonly jobs: number
  readonly signal?: AbortSignal
  /** Whether runs begin somewhere else, some day, which their news tell. */
  readonly elsewhere?: boolean
  /** How often a run is begun again whose process died. Default 2. */
  readonly retries?: number
  /** Milliseconds until a run that another process is at is looked at again. Default 2000. */
  readonly patience?: number
  onEvent?(event: SweepEvent): void
}

/** What became of the runs, each list in the sweep's order, whichever ended first. */
export interface SweepOutcome {
  readonly done: readonly SweepRun[]
  readonly failures: readonly { readonly run: SweepRun; readonly error: unknown }[]
}

/** Errors of one run that may come of the folder that all are in. */
const ofTheFolder: ReadonlySet<AnyExperimentError['code']> = new Set(['not-saved', 'run-gone', 'folder-not-writable'])

/**
 * Computes the runs of a sweep that are not there yet, several at a time. A run that fails does not stop the others. Several
 * processes may be at one folder: each run is one's at a time, and what the other has done is not done again.
 * @throws the signal's reason when stopped; ExperimentError `folder-not-writable` where the sweep's folder is gone
 */
export async function runSweep(
  folder: SweepFolder,
  {
    execute,
    jobs,
    signal,
    elsewhere = false,
    retries = 2,
    patience = 2000,
    onEvent = () => undefined,
  }: RunSweepOptions,
): Promise<SweepOutcome> {
  const left = new AbortController()
  const stopped = signal ? AbortSignal.any([signal, left.signal]) : left.signal
  const done: SweepRun[] = []
  const failures: { run: SweepRun; error: unknown }[] = []
  const waiting: { readonly run: SweepRun; readonly died: number; readonly notBefore: number }[] = []

  for (const run of folder.runs) {
    const { records, complete } = await folder.state(run)
    onEvent({ kind: 'found', run, earlier: records, complete })
    if (complete) done.push(run)
    else waiting.push({ run, died: 0, notBefore: 0 })
  }

  const once = async (run: SweepRun, died: number): Promise<void> => {
    if (!elsewhere) onEvent({ kind: 'started', run })
    try {
      await execute(run, {
        out: folder.path,
        signal: stopped,
        onNews: (news) => onEvent({ kind: 'news', run, news }),
      })
      done.push(run)
      onEvent({ kind: 'done', run })
    } catch (error) {
      stopped.throwIfAborted()
      const code = isExperimentError(error) ? error.code : undefined
      if (code !== undefined && ofTheFolder.has(code)) await requireFolder(folder, error)
      if (code === 'run-in-use') {
        onEvent({ kind: 'elsewhere', run, reason: (error as Error).message })
        waiting.push({ run, died, notBefore: performance.now() + patience })
      } else if (code === 'process-died' && died < retries) {
        onEvent({ kind: 'news', run, news: { kind: 'again', reason: (error as Error).message } })
        waiting.push({ run, died: died + 1, notBefore: 0 })
      } else {
        failures.push({ run, error })
        onEvent({ kind: 'failed', run, error })
      }
    }
  }
  const hand = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      stopped.throwIfAborted()
      const wait = next.notBefore - performance.now()
      if (wait > 0) await pause(wait, undefined, { signal: stopped }).catch(() => stopped.throwIfAborted())
      // What another process has finished meanwhile is there.
      if (next.notBefore > 0 && (await folder.state(next.run)).complete) {
        done.push(next.run)
        onEvent({ kind: 'done', run: next.run })
      } else await once(next.run, next.died)
    }
  }
  const hands = Array.from({ length: Math.max(1, Math.min(jobs, waiting.length)) }, () =>
    hand().catch((error: unknown) => {
      // One reason to stop is one for all; the first is told.
      left.abort(error)
      throw error
    }),
  )
  const ends = await Promise.allSettled(hands)
  signal?.throwIfAborted()
  left.signal.throwIfAborted()
  const failed = ends.find((end) => end.status === 'rejected')
  if (failed) throw failed.reason
  const place = new Map(folder.runs.map((run, i) => [run.id, i]))
  const inOrder = (a: SweepRun, b: SweepRun): number => place.get(a.id)! - place.get(b.id)!
  return { done: done.sort(inOrder), failures: failures.sort((a, b) => inOrder(a.run, b.run)) }
}

/** @throws ExperimentError where the sweep's folder is no longer there: what comes next could not be saved either */
async function requireFolder({ path }: SweepFolder, cause: unknown): Promise<void> {
  if (await exists(join(path, 'sweep.json'))) return
  throw new ExperimentError(
    'folder-not-writable',
    { folder: path },
    `the sweep's folder ${path} is gone, or no longer the one that the sweep began with; no more runs were begun`,
    { cause },
  )
}
