import { join, relative, resolve } from 'node:path'
import { parameterCount } from '@pilotjs/core/parameters'
import { cacheFolder } from '@pilotjs/download'
import { spreadText } from '@pilotjs/eval'
import type { Settings, Trial, Tuned } from '@pilotjs/experiment'
import {
  childExecutor,
  createWorkbench,
  planRuns,
  rungsOf,
  runsOf,
  shareOut,
  tune as tuneWith,
} from '@pilotjs/experiment'
import { bundledPackages, registryOf } from '../registry'
import { createSweepDisplay } from '../sweep/create-sweep-display'
import { columns } from '../terminal/columns'
import { command } from '../terminal/command-line'
import { oneLine } from '../terminal/harmless'
import { counted } from '../terminal/marks'
import type { StreamFlags } from '../stream-flags'
import { streamSettingsOf } from '../stream-flags'
import type { Terminal } from '../terminal/terminal'
import { readSpace } from '../tune/read-space'
import { readSettings } from './read-settings'

/** What `pilot tune` can be told. */
export interface TuneFlags extends StreamFlags {
  readonly space?: string
  readonly choose?: readonly string[]
  readonly trials: number
  readonly seeds: readonly number[]
  readonly sampler: 'random' | 'halving'
  readonly validation: number
  readonly drawSeed: number
  readonly data?: string
  readonly dataRoot?: string
  readonly trainPerClass?: number
  readonly backbone?: string
  readonly set?: readonly string[]
  readonly engine?: string
  readonly jobs?: number
  readonly out?: string
}

/** `pilot tune METHOD`: chooses options on a part of the training images; test images are not read. */
export async function tune(method: string, flags: TuneFlags, terminal: Terminal): Promise<void> {
  const { cwd, signal } = terminal
  const space = await readSpace(flags.space, flags.choose ?? [], cwd)
  const registry = registryOf(cwd)
  const settings: Settings = {
    data: flags.data,
    dataRoot: flags.dataRoot,
    backbone: flags.backbone,
    ...streamSettingsOf(flags),
    engine: flags.engine,
    ...(flags.trainPerClass === undefined ? {} : { perClass: { train: flags.trainPerClass } }),
  }
  const fixed = readSettings(flags.set ?? [])
  const { configs } = await planRuns(method, { ...settings, options: fixed }, { cwd, registry })
  const out = flags.out ?? join('runs', `tune-${method.replace(/[^\w.-]+/g, '-').replace(/^-/, '')}`)
  const display = createSweepDisplay(terminal)
  // Not even the headers of test images are looked at.
  const bench = createWorkbench({ registry, signal, check: 'none', onPreparing: (what) => display.preparing(what) })
  let tuned: Tuned
  try {
    const { parameters } = await bench.backbone(configs[0]!)
    const wanted = runsOf(rungsOf(flags.sampler, flags.trials, flags.seeds.length))
    const { jobs, threads } = shareOut(wanted, 4 * parameterCount(parameters), undefined, flags.jobs)
    tuned = await tuneWith(
      {
        ...settings,
        ...{ method, space, options: fixed, trials: flags.trials, seeds: flags.seeds, sampler: flags.sampler },
        validationFraction: flags.validation,
        drawSeed: flags.drawSeed,
      },
      {
        ...{ registry, bench, cwd, out, jobs, signal },
        execute: childExecutor({ cwd, bundled: bundledPackages(), features: cacheFolder('features'), threads }),
        onRung(runs, rung, rungs) {
          display.begin(
            runs,
            `${rungs > 1 ? `rung ${rung + 1} of ${rungs}, ` : ''}${jobs} at a time, in ${oneLine(out)}`,
          )
          return (event) => display.event(event)
        },
      },
    )
  } finally {
    display.close()
    await bench.close()
  }
  terminal.out(trialsTable(tuned, terminal))
  const config = relative(cwd, tuned.config) || resolve(tuned.config)
  terminal.err(
    terminal.colors.dim(
      `chosen on training images alone (${Math.round(100 * flags.validation)} % of them kept to choose by)`,
    ),
  )
  terminal.err(
    terminal.colors.dim(
      `evaluate, in other class orders: ${command(terminal, 'run', config, ...wordsOf(flags), '--seed', '1993,1994,1995')}`,
    ),
  )
}

/** Flags that a run is told, too, as they were typed: what was chosen is judged on the same kind of stream, or on one chosen anew. */
function wordsOf(flags: TuneFlags): string[] {
  const { data, dataRoot, trainPerClass, backbone, engine, longTailed, tail, scenario, initCls, increment } = flags
  const { shuffle, domains, shots, tasks, disjointShare, blurryShare, stochastic, streamBatch, evaluateEvery } = flags
  const told = {
    ...{ data, dataRoot, trainPerClass, backbone, engine, longTailed, tail, scenario, initCls, increment },
    ...{ shuffle, domains, shots, tasks, disjointShare, blurryShare, stochastic, streamBatch, evaluateEvery },
  }
  return Object.entries(told).flatMap(([name, value]) => {
    const word = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    if (value === undefined) return []
    return value === false ? [`--no-${word}`] : [`--${word}`, String(value)]
  })
}

/** The trials, the highest first; those that a search left early stand where they were left. */
function trialsTable({ trials, best }: Tuned, { colors: c }: Terminal): string {
  const names = Object.keys(best.options)
  const order = (trial: Trial) => [trial === best ? 1 : 0, trial.rung, trial.score?.mean ?? -1]
  const sorted = [...trials].sort((a, b) => {
    const [one, other] = [order(a), order(b)]
    const place = one.findIndex((value, i) => value !== other[i])
    return place < 0 ? 0 : other[place]! - one[place]!
  })
  const rows = sorted.map((trial) => [
    trial === best ? c.bold('chosen') : '',
    ...names.map((name) => oneLine(JSON.stringify(trial.options[name]))),
    trial.score ? spreadText(trial.score) : c.red(oneLine(trial.failure ?? 'failed')),
    trial.score ? counted(trial.score.count, 'seed') : '',
  ])
  return columns(
    ['', ...names, 'average incremental accuracy, %, on validation images', ''].map((head) => c.dim(head)),
    rows,
  )
}
