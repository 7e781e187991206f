import { basename, join, relative, resolve } from 'node:path'
import { cacheFolder } from '@pilotjs/download'
import type { CheckedSweep, SweepEvent, SweepFolder, SweepOutcome, SweepPlan } from '@pilotjs/experiment'
import {
  checkSweep,
  childExecutor,
  createWorkbench,
  openSweepFolder,
  planSweep,
  readSweep,
  runSweep,
  shareOut,
} from '@pilotjs/experiment'
import type { StateStore } from '@pilotjs/s3-state'
import type { OrderState, RedisAddress } from '@pilotjs/sweep-queue'
import { bundledPackages, registryOf } from '../registry'
import { command } from '../terminal/command-line'
import { oneLine } from '../terminal/harmless'
import { counted } from '../terminal/marks'
import type { Terminal } from '../terminal/terminal'
import { readTracker } from './trackers'
import { cancelSweep } from '../sweep/cancel-sweep'
import { finishSweep } from '../sweep/finish-sweep'
import { isStored, loadStateStore } from '../sweep/load-state-store'
import type { QueueFlags } from '../sweep/load-sweep-queue'
import { loadSweepQueue, queueAddress } from '../sweep/load-sweep-queue'
import { printWorkers } from '../sweep/print-workers'
import { queueExecutor } from '../sweep/queue-executor'
import { createSweepDisplay } from '../sweep/create-sweep-display'
import type { SweepDisplay } from '../sweep/sweep-display'
import type { GridFlags } from '../sweep/sweep-flags'
import { withFlags } from '../sweep/sweep-flags'
import type { SweepTracking } from '../sweep/track-sweep'
import { trackSweep } from '../sweep/track-sweep'
import { UsageError } from '../usage-error'

/** What `pilot sweep` can be told. */
export interface SweepFlags extends GridFlags, QueueFlags {
  readonly check?: 'none' | 'header' | 'decode'
  readonly jobs?: number
  readonly out?: string
  /** What outlives a worker that dies: the folder, which all see, a bucket, or nothing. */
  readonly state?: OrderState
  /** Take the runs out of the queue again, and stop. */
  readonly cancel?: boolean
  readonly priority?: number
  readonly retries?: number
  /** Trackers that are told of the runs while they go on. */
  readonly track?: readonly string[]
  /** Print workers for a cluster instead. */
  readonly emit?: 'slurm' | 'k8s'
  readonly workers?: number
  readonly image?: string
}

/** `pilot sweep [SWEEP.json|yaml]` */
export async function sweep(file: string | undefined, flags: SweepFlags, terminal: Terminal): Promise<void> {
  const written = file === undefined ? undefined : await readSweep(file, terminal.cwd)
  const out = resolve(terminal.cwd, flags.out ?? join('runs', written?.name ?? nameOf(file)))
  if (flags.cancel) return cancelSweep(out, await queueAddress(flags, terminal.cwd), terminal)
  const settings = withFlags(written, flags)
  const plan = await planSweep(settings, { cwd: terminal.cwd, registry: registryOf(terminal.cwd) })
  const note = (message: string) => terminal.err(terminal.colors.dim(oneLine(message)))
  plan.notes.forEach(note)
  if (flags.emit !== undefined) return printWorkers(flags.emit, { ...flags, out }, terminal)
  const queue = await queueAddress(flags, terminal.cwd)
  const store = await storeOf(flags, queue)
  // Before anything is looked through: a Redis, or a store, that is not there is told first.
  if (queue !== undefined) await (await loadSweepQueue()).connect(queue)
  await store?.check()
  const choices = (flags.track ?? []).map(readTracker)
  const display = createSweepDisplay(terminal)
  let tracking: SweepTracking | undefined
  let folder: SweepFolder
  let outcome: SweepOutcome
  try {
    const checked = await check(plan, flags, display, note, terminal)
    folder = await openSweepFolder(out, settings, checked.runs)
    tracking = choices.length === 0 ? undefined : trackSweep(choices, out, terminal.cwd, display.note)
    const onEvent = (event: SweepEvent) => {
      display.event(event)
      tracking?.take(event)
    }
    outcome = await (queue === undefined
      ? computeHere(folder, checked, flags, { display, onEvent }, terminal)
      : computeElsewhere(folder, { address: queue, store }, flags, { display, onEvent }, terminal))
  } finally {
    await tracking?.close()
    display.close()
    store?.close()
  }
  await finishSweep(folder, outcome, terminal)
}

/** `ablation` for `sweeps/ablation.yaml`; a sweep's own `sweep.json` means the folder that it is in. */
function nameOf(file: string | undefined): string {
  if (file === undefined) return 'sweep'
  const name = basename(file).replace(/\.(json|ya?ml)$/, '')
  return name === 'sweep' && file.includes('/') ? basename(resolve(file, '..')) : name
}

async function check(
  plan: SweepPlan,
  flags: SweepFlags,
  display: SweepDisplay,
  note: (message: string) => void,
  terminal: Terminal,
): Promise<CheckedSweep> {
  const notes: string[] = []
  const bench = createWorkbench({
    registry: registryOf(terminal.cwd),
    signal: terminal.signal,
    onPreparing: (what, done, total) => display.preparing(total > 0 ? `${what}, ${percent(done, total)}` : what),
    onNotice: (message) => notes.push(message),
    check: flags.check,
  })
  try {
    return await checkSweep(plan.runs, bench, {
      signal: terminal.signal,
      onProgress: (done, total) => display.preparing(`checking ${counted(total, 'setting')}, ${percent(done, total)}`),
    })
  } finally {
    notes.forEach(note)
    await bench.close()
  }
}

const percent = (done: number, total: number) => `${Math.floor((10 * done) / total) * 10} %`

/** Whoever is told how the runs go on. */
interface Watching {
  readonly display: SweepDisplay
  onEvent(event: SweepEvent): void
}

async function computeHere(
  folder: SweepFolder,
  { backboneBytes }: CheckedSweep,
  { jobs: asked }: SweepFlags,
  { display, onEvent }: Watching,
  terminal: Terminal,
): Promise<SweepOutcome> {
  const { jobs, threads } = shareOut(folder.runs.length, backboneBytes, undefined, asked)
  const place = relative(terminal.cwd, folder.path) || folder.path
  display.begin(folder.runs, `${jobs} at a time with ${counted(threads, 'thread')} each, in ${oneLine(place)}`)
  const execute = childExecutor({
    cwd: terminal.cwd,
    bundled: bundledPackages(),
    features: cacheFolder('features'),
    threads,
  })
  return runSweep(folder, { execute, jobs, signal: terminal.signal, onEvent })
}

/** @throws UsageError for a state without workers that it could outlive */
async function storeOf({ state }: SweepFlags, queue: RedisAddress | undefined): Promise<StateStore | undefined> {
  if (state !== undefined && queue === undefined)
    throw new UsageError('--state is for workers: name their queue with --queue, or PILOT_QUEUE')
  return state !== undefined && isStored(state) ? (await loadStateStore()).openStateStore(state) : undefined
}

async function computeElsewhere(
  folder: SweepFolder,
  { address, store }: { readonly address: RedisAddress; readonly store: StateStore | undefined },
  { state = 'shared', priority, retries }: SweepFlags,
  { display, onEvent }: Watching,
  terminal: Terminal,
): Promise<SweepOutcome> {
  const { openSweepQueue } = await loadSweepQueue()
  const queue = await openSweepQueue({ ...address, priority, retries, onNote: (message) => display.note(message) })
  try {
    display.begin(folder.runs, `by the workers of ${queue.shown}`)
    return await runSweep(folder, {
      execute: queueExecutor(queue, folder, { registry: registryOf(terminal.cwd), state, store }),
      // All at once: the queue holds them.
      jobs: folder.runs.length,
      elsewhere: true,
      signal: terminal.signal,
      onEvent,
    })
  } catch (error) {
    if (terminal.signal.aborted)
      terminal.err(
        `the workers go on; ${command(terminal, 'sweep', '…', '--cancel')} takes the runs away from them, the same command looks on`,
      )
    throw error
  } finally {
    await queue.close()
  }
}
