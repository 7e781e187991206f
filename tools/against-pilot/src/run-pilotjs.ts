import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Job, Outcome } from './job'
import { costFile, costOf, measured } from './measured'

/** The `pilot` command of this repository, as built. */
export const pilotCommand = (): string =>
  join(dirname(createRequire(import.meta.url).resolve('@pilotjs/cli/package.json')), 'dist/bin.js')

/** What `metrics.json` of a run holds, as far as it is read here. */
interface Metrics {
  readonly tasks: readonly {
    readonly accuracy: number
    readonly readings: Readonly<Record<string, { readonly top1: number }>>
  }[]
}

/** What is known of a method before it runs. */
export interface Start {
  /** Whether the method has something to take as PILOT does it. */
  readonly compat: boolean
  /** What the command takes to start, find methods and load this one. */
  readonly cpuSeconds: number
}

/** Starts the command, for nothing but the method's options; files go into `folder`. */
export async function startPilotjs(
  method: string,
  python: string,
  folder: string,
  signal?: AbortSignal,
): Promise<Start> {
  const log = join(folder, 'options.log')
  const command = [process.execPath, pilotCommand(), 'list', 'methods', method]
  const done = existsSync(log) && existsSync(costFile(log))
  const { cpuSeconds } = done ? await costOf(log) : await measured(command, { python, cwd: folder, log, signal })
  return { cpuSeconds, compat: /^\s*compat\s/m.test(await readFile(log, 'utf8')) }
}

/** Runs pilotjs on a job as PILOT does it (`compat: 'pilot'`), its files in `folder`. */
export async function runPilotjs(
  job: Job,
  { compat, cpuSeconds: startCpuSeconds }: Start,
  python: string,
  folder: string,
  signal?: AbortSignal,
): Promise<Outcome> {
  const file = join(folder, 'pilotjs.json')
  const out = join(folder, 'run')
  await writeFile(file, JSON.stringify({ ...job.config, seed: [job.seed] }))
  await rm(out, { recursive: true, force: true })
  const command = [process.execPath, pilotCommand(), 'run', file, '--data', job.images]
  command.push('--backbone', job.backbone.name, '--engine', 'onnx', '--out', out)
  if (compat) command.push('--set', 'compat=pilot')
  const cost = await measured(command, {
    python,
    env: { PILOT_THREADS: String(job.threads) },
    cwd: folder,
    log: join(folder, 'pilotjs.log'),
    signal,
  })
  const { tasks } = JSON.parse(await readFile(join(out, 'metrics.json'), 'utf8')) as Metrics
  return {
    head: tasks.map(({ accuracy }) => accuracy),
    nearestMean: tasks.flatMap(({ readings }) => readings.nearestMean?.top1 ?? []),
    startCpuSeconds,
    versions: { node: process.versions.node },
    ...cost,
  }
}
