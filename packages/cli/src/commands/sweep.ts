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
import { createSweepDisplay } from '../sweep/create-sweep-display'
import type { SweepDisplay } from '../sweep/sweep-display'
import type { GridFlags } from '../sweep/sweep-flags'
import { withFlags } from '../sweep/sweep-flags'

/** What `pilot sweep` can be told. */
export interface SweepFlags extends GridFlags {
  readonly check?: 'none' | 'header' | 'decode'
  readonly jobs?: number
  readonly out?: string
}

/** `pilot sweep [SWEEP.json|yaml]` */
export async function sweep(file: string | undefined, flags: SweepFlags, terminal: Terminal): Promise<void> {
  const settings = withFlags(file === undefined ? undefined : await readSweep(file, terminal.cwd), flags)
  const out = resolve(terminal.cwd, flags.out ?? join('runs', settings.name ?? nameOf(file)))
  const plan = await planSweep(settings, { cwd: terminal.cwd, registry: registryOf(terminal.cwd) })
  const note = (message: string) => terminal.err(terminal.colors.dim(oneLine(message)))
  plan.notes.forEach(note)
  const display = createSweepDisplay(terminal)
  let folder: SweepFolder
  let outcome: SweepOutcome
  try {
    const checked = await check(plan, flags, display, note, terminal)
    folder = await openSweepFolder(out, settings, checked.runs)
    outcome = await compute(folder, checked, flags, display, terminal)
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

async function compute(
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
