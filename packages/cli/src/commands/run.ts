import type { Settings } from '@pilotjs/experiment'
import { planRuns } from '@pilotjs/experiment'
import { registryOf } from '../registry'
import type { Terminal } from '../terminal/terminal'
import { UsageError } from '../usage-error'
import { readSettings } from './read-settings'
import { runPlan } from './run-plan'

/** What `pilot run` can be told by flags; each outdoes the file. */
export interface RunFlags {
  readonly data?: string
  readonly dataRoot?: string
  readonly trainPerClass?: number
  readonly testPerClass?: number
  readonly backbone?: string
  readonly preprocessing?: string
  readonly compat?: Settings['compat']
  readonly split?: number
  readonly kind?: Settings['kind']
  readonly orientation?: Settings['orientation']
  readonly longTailed?: number
  readonly tail?: 'shuffled' | 'ordered'
  readonly check?: 'none' | 'header' | 'decode'
  readonly scenario?: Settings['scenario']
  readonly initCls?: number
  readonly increment?: number
  readonly shuffle?: boolean
  readonly domains?: readonly string[]
  readonly shots?: number
  readonly tasks?: number
  readonly disjointShare?: number
  readonly blurryShare?: number
  readonly stochastic?: boolean
  readonly streamBatch?: number
  readonly evaluateEvery?: number
  readonly seed?: readonly number[]
  readonly set?: readonly string[]
  readonly engine?: string
  readonly scoreBatchSize?: number
  readonly out?: string
  /** `tensorboard`, `mlflow=URL`: told while the run goes on. */
  readonly track?: readonly string[]
}

/** The flags in an experiment's own words. @throws UsageError for a flag that changes nothing */
function settingsOf(flags: RunFlags): Settings {
  const { longTailed, tail } = flags
  if (tail !== undefined && longTailed === undefined)
    throw new UsageError('--tail says which classes --long-tailed makes small: give both')
  return {
    data: flags.data,
    dataRoot: flags.dataRoot,
    backbone: flags.backbone,
    preprocessing: flags.preprocessing,
    compat: flags.compat,
    testFraction: flags.split,
    kind: flags.kind,
    orientation: flags.orientation,
    ...(longTailed === undefined ? {} : { longTailed: { ratio: longTailed, arrangement: tail } }),
    scenario: flags.scenario,
    baseClasses: flags.initCls,
    increment: flags.increment,
    shuffle: flags.shuffle,
    domains: flags.domains === undefined ? undefined : [...flags.domains],
    shots: flags.shots,
    tasks: flags.tasks,
    disjointShare: flags.disjointShare,
    blurryShare: flags.blurryShare,
    stochastic: flags.stochastic,
    batchSize: flags.streamBatch,
    evaluateEvery: flags.evaluateEvery,
    engine: flags.engine,
    scoreBatchSize: flags.scoreBatchSize,
    perClass: { train: flags.trainPerClass, test: flags.testPerClass },
    seeds: flags.seed,
    options: readSettings(flags.set ?? []),
  }
}

/** `pilot run METHOD|CONFIG.json` */
export async function run(target: string, flags: RunFlags, terminal: Terminal): Promise<void> {
  const registry = registryOf(terminal.cwd)
  const plan = await planRuns(target, settingsOf(flags), { cwd: terminal.cwd, registry })
  await runPlan(plan, flags, terminal)
}
