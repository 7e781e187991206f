import { join, resolve } from 'node:path'
import { writeFileAtomic } from '@pilotjs/core/node'
import { createRng } from '@pilotjs/core/random'
import type { Spread } from '@pilotjs/eval'
import { spread } from '@pilotjs/eval'
import { ExperimentError, messageOf } from '../experiment-error'
import type { Settings } from '../planning/settings'
import type { Registry } from '../registry/registry'
import { toJson } from '../run-directory/layout'
import { metricsOf, openRun } from '../run-directory/open-run'
import type { RunConfig } from '../run-directory/run-config'
import { checkSweep } from '../sweep/check-sweep'
import { planSweep } from '../sweep/plan-sweep'
import type { RunSweepOptions } from '../sweep/run-sweep'
import { runSweep } from '../sweep/run-sweep'
import { openSweepFolder } from '../sweep/sweep-folder'
import type { SweepRun } from '../sweep/sweep-run'
import { parseSweep } from '../sweep/sweep-settings'
import type { Workbench } from '../workbench/workbench'
import { rungsOf, runsOf } from './halving'
import type { Draw, SearchSpace } from './search-space'
import { drawTrials } from './search-space'

export interface TuneSettings extends Omit<Settings, 'options' | 'seeds' | 'validation' | 'tuning' | 'scoreBatchSize'> {
  readonly method: string
  /** Options that stay as they are. */
  readonly options?: Settings['options']
  readonly space: SearchSpace
  readonly trials: number
  /** Class orders to tune on: not those that one evaluates with. */
  readonly seeds: readonly number[]
  readonly sampler: 'random' | 'halving'
  /** Part of the training images that trials are scored on. */
  readonly validationFraction: number
  /** What draws trials and the validation split. */
  readonly drawSeed: number
}

export interface TuneOptions extends Pick<RunSweepOptions, 'execute' | 'jobs' | 'signal'> {
  readonly registry: Registry
  readonly bench: Workbench
  readonly cwd: string
  /** Where the trials' runs, `tune.json` and `best.json` go. */
  readonly out: string
  /** Told of the runs of every rung before they begin, and what happens to them. */
  onRung?(runs: readonly SweepRun[], rung: number, rungs: number): NonNullable<RunSweepOptions['onEvent']>
}

/** A draw, and what it reached. */
export interface Trial {
  readonly options: Draw
  /** Average incremental accuracy on the validation images, over the seeds it ran; absent where a run failed. */
  readonly score?: Spread
  readonly failure?: string
  /** The rung that it came to, from 0. */
  readonly rung: number
}

export interface Tuned {
  readonly best: Trial
  /** In the order drawn. */
  readonly trials: readonly Trial[]
  /** Config to run with: the chosen options, and how they were chosen. */
  readonly config: string
}

/**
 * Chooses options of a method on images that it will not be judged by: a part of the training images, in class orders of their
 * own or on another data set; test images are never read. Trials are runs of a sweep: what is there is not run again, and a
 * search that was stopped goes on. The highest mean wins; of equal ones the first drawn.
 *
 * The protocol of tuning on one stream and evaluating on another: Cha & Cho, "Hyperparameters in Continual Learning: A Reality
 * Check", TMLR 2025.
 * @throws ExperimentError `invalid-sweep` for a draw that the method refuses; `nothing-tuned` where every trial failed
 */
export async function tune(settings: TuneSettings, options: TuneOptions): Promise<Tuned> {
  const { method, space, seeds, sampler, validationFraction, drawSeed } = settings
  const out = resolve(options.cwd, options.out)
  const draws = drawTrials(space, settings.trials, createRng(drawSeed).fork('tune'))
  const rungs = rungsOf(sampler, draws.length, seeds.length)
  let trials = draws.map((draw): Trial => ({ options: draw, rung: 0 }))
  let alive = draws.map((_, index) => index)
  let config: RunConfig | undefined
  for (const [rung, { trials: count, seeds: own }] of rungs.entries()) {
    if (rung > 0) alive = ranked(trials, alive).slice(0, count)
    const found = await runTrials(
      settings,
      alive.map((index) => draws[index]!),
      seeds.slice(0, own),
      options,
      [rung, rungs.length],
    )
    config ??= found.config
    trials = trials.map((trial, index) => {
      const place = alive.indexOf(index)
      return place < 0 ? trial : { ...found.trials[place]!, rung }
    })
  }
  const [winner] = ranked(trials, alive)
  const best = winner === undefined ? undefined : trials[winner]
  if (!best?.score) {
    const reason = trials.find(({ failure }) => failure !== undefined)?.failure ?? ''
    throw new ExperimentError('nothing-tuned', { method }, `every trial failed; the first: ${reason}`)
  }
  const tuning = {
    score: 'average incremental accuracy',
    reached: best.score,
    space,
    sampler,
    trials: draws.length,
    runs: runsOf(rungs),
    seeds: [...seeds],
    drawSeed,
    on: { data: config!.data.name, validationFraction, stream: config!.stream },
    chosen: best.options,
  }
  const file = join(out, 'best.json')
  const chosen = { method: config!.method, options: withDraw(settings.options, best.options), tuning }
  await writeFileAtomic(join(out, 'tune.json'), toJson({ tuning, trials }))
  await writeFileAtomic(file, toJson(chosen))
  return { best, trials, config: file }
}

/** Those still in it, the highest mean first, of equal ones the first drawn; what failed is left out. */
function ranked(trials: readonly Trial[], alive: readonly number[]): number[] {
  return alive
    .filter((index) => trials[index]!.score)
    .sort((a, b) => trials[b]!.score!.mean - trials[a]!.score!.mean || a - b)
}

/** What of the settings is the search's own; the others are those of every run. */
const OF_SEARCH: ReadonlySet<string> = new Set<keyof TuneSettings>([
  'method',
  'options',
  'space',
  'trials',
  'seeds',
  'sampler',
  'validationFraction',
  'drawSeed',
])

/** Runs trials on seeds as one sweep, so that all of a rung can go on at the same time. */
async function runTrials(
  settings: TuneSettings,
  draws: readonly Draw[],
  seeds: readonly number[],
  { registry, bench, cwd, out, execute, jobs, signal, onRung }: TuneOptions,
  [rung, rungs]: readonly [number, number],
): Promise<{ readonly trials: readonly Omit<Trial, 'rung'>[]; readonly config: RunConfig }> {
  const validation = { fraction: settings.validationFraction, seed: settings.drawSeed }
  const given = Object.fromEntries(
    Object.entries(settings).filter(([name, value]) => value !== undefined && !OF_SEARCH.has(name)),
  )
  const sweep = parseSweep(
    {
      ...given,
      validation,
      methods: [settings.method],
      seeds: [...seeds],
      // A list is gone through: values stand in one of their own.
      runs: draws.map((draw) => ({ options: listed(withPaths(settings.options, draw)) })),
    },
    'the search',
  )
  const plan = await planSweep(sweep, { cwd, registry })
  const { runs } = await checkSweep(plan.runs, bench, { signal })
  const folder = await openSweepFolder(resolve(cwd, out), sweep, runs)
  const { failures } = await runSweep(folder, { execute, jobs, signal, onEvent: onRung?.(runs, rung, rungs) })
  const failed = new Map(failures.map(({ run, error }) => [run.id, messageOf(error)]))
  const trials = await Promise.all(
    draws.map(async (draw, trial) => {
      // The plan has the seeds of one trial after the other.
      const own = plan.runs
        .slice(trial * seeds.length, (trial + 1) * seeds.length)
        .map(({ config }) => runOf(config, runs))
      const failure = own.map(({ id }) => failed.get(id)).find((reason) => reason !== undefined)
      if (failure !== undefined) return { options: draw, failure }
      const scores = await Promise.all(
        own.map(
          async (run) => metricsOf(await openRun(join(folder.path, run.folder))).summary!.averageIncrementalAccuracy,
        ),
      )
      return { options: draw, score: spread(scores) }
    }),
  )
  return { trials, config: runs[0]!.config }
}

const runOf = (config: RunConfig, runs: readonly SweepRun[]): SweepRun => {
  const asked = JSON.stringify([config.options, config.seed])
  return runs.find((run) => JSON.stringify([run.config.options, run.config.seed]) === asked)!
}

const withPaths = (fixed: Settings['options'] = {}, draw: Draw) => ({ ...fixed, ...draw })

const listed = (options: Draw) => Object.fromEntries(Object.entries(options).map(([name, value]) => [name, [value]]))

/** The options as a config has them: `memory.total` reaches into an object. */
function withDraw(fixed: Settings['options'] = {}, draw: Draw): Record<string, unknown> {
  const options = structuredClone(fixed) as Record<string, unknown>
  for (const [path, value] of Object.entries(draw)) {
    const keys = path.split('.')
    let at = options
    for (const key of keys.slice(0, -1)) at = (at[key] ??= {}) as Record<string, unknown>
    at[keys.at(-1)!] = value
  }
  return options
}
