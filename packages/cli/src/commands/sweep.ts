import { basename, join, relative, resolve } from 'node:path'
import { cacheFolder } from '@pilotjs/download'
import type { CheckedSweep, SweepFolder, SweepOutcome, SweepPlan } from '@pilotjs/experiment'
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
import { bundledPackages, registryOf } from '../registry'
import { oneLine } from '../terminal/harmless'
import { counted } from '../terminal/marks'
import type { Terminal } from '../terminal/terminal'
import { finishSweep } from '../sweep/finish-sweep'
import { loadSweepQueue, queueAddress } from '../sweep/load-sweep-queue'
import { printWorkers } from '../sweep/print-workers'
import { queueExecutor } from '../sweep/queue-executor'
import { createSweepDisplay } from '../sweep/create-sweep-display'
import type { SweepDisplay } from '../sweep/sweep-display'
import type { GridFlags } from '../sweep/sweep-flags'
import { withFlags } from '../sweep/sweep-flags'

/** What `pilot sweep` can be told. */
export interface SweepFlags extends GridFlags {
  readonly check?: 'none' | 'header' | 'decode'
  readonly jobs?: number
  readonly out?: string
  /** Address of the Redis that workers take runs from. */
  readonly queue?: string
  /** What outlives a worker that dies: the folder, which all see, or nothing. */
  readonly state?: 'shared' | 'anew'
  readonly priority?: number
  readonly retries?: number
  /** Print workers for a cluster instead. */
  readonly emit?: 'slurm' | 'k8s'
  readonly workers?: number
  readonly image?: string
}

/** `pilot sweep [SWEEP.json|yaml]` */
export async function sweep(file: string | undefined, flags: SweepFlags, terminal: Terminal): Promise<void> {
  const settings = withFlags(file === undefined ? undefined : await readSweep(file, terminal.cwd), flags)
  const out = resolve(terminal.cwd, flags.out ?? join('runs', settings.name ?? nameOf(file)))
  const plan = await planSweep(settings, { cwd: terminal.cwd, registry: registryOf(terminal.cwd) })
  const note = (message: string) => terminal.err(terminal.colors.dim(oneLine(message)))
  plan.notes.forEach(note)
  if (flags.emit !== undefined) return printWorkers(flags.emit, { ...flags, out }, terminal)
  const queue = queueAddress(flags.queue)
  // Before anything is looked through: a Redis that is not there is told first.
  if (queue !== undefined) await (await loadSweepQueue()).connect(queue)
  const display = createSweepDisplay(terminal)
  let folder: SweepFolder
  let outcome: SweepOutcome
  try {
    const checked = await check(plan, flags, display, note, terminal)
    folder = await openSweepFolder(out, settings, checked.runs)
    outcome = await (queue === undefined
      ? computeHere(folder, checked, flags, display, terminal)
      : computeElsewhere(folder, queue, flags, display, terminal))
  } finally {
    display.close()
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

async function computeHere(
  folder: SweepFolder,
  { backboneBytes }: CheckedSweep,
  { jobs: asked }: SweepFlags,
  display: SweepDisplay,
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
  return runSweep(folder, { execute, jobs, signal: terminal.signal, onEvent: (event) => display.event(event) })
}

async function computeElsewhere(
  folder: SweepFolder,
  url: string,
  { state = 'shared', priority, retries }: SweepFlags,
  display: SweepDisplay,
  terminal: Terminal,
): Promise<SweepOutcome> {
  const { openSweepQueue } = await loadSweepQueue()
  const queue = await openSweepQueue({ url, priority, retries, onNote: (message) => display.note(message) })
  try {
    display.begin(folder.runs, `by the workers of ${queue.shown}`)
    return await runSweep(folder, {
      execute: queueExecutor(queue, folder, { registry: registryOf(terminal.cwd), state }),
      // All at once: the queue holds them.
      jobs: folder.runs.length,
      elsewhere: true,
      signal: terminal.signal,
      onEvent: (event) => display.event(event),
    })
  } finally {
    await queue.close()
  }
}
