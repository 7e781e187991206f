import type { Settings } from '@pilotjs/experiment'
import { planRuns } from '@pilotjs/experiment'
import { registryOf } from '../registry'
import type { Terminal } from '../terminal/terminal'
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
  readonly testFraction?: number
  readonly check?: 'none' | 'header' | 'decode'
  readonly scenario?: Settings['scenario']
  readonly initCls?: number
  readonly increment?: number
  readonly shuffle?: boolean
  readonly seed?: readonly number[]
  readonly set?: readonly string[]
  readonly engine?: string
  readonly scoreBatchSize?: number
  readonly out?: string
  /** `tensorboard`, `mlflow=URL`: told while the run goes on. */
  readonly track?: readonly string[]
}

/** The flags in an experiment's own words. */
const settingsOf = ({ initCls, trainPerClass, testPerClass, seed, set, ...flags }: RunFlags): Settings => ({
  data: flags.data,
  dataRoot: flags.dataRoot,
  backbone: flags.backbone,
  preprocessing: flags.preprocessing,
  compat: flags.compat,
  testFraction: flags.testFraction,
  scenario: flags.scenario,
  increment: flags.increment,
  shuffle: flags.shuffle,
  engine: flags.engine,
  scoreBatchSize: flags.scoreBatchSize,
  baseClasses: initCls,
  perClass: { train: trainPerClass, test: testPerClass },
  seeds: seed,
  options: readSettings(set ?? []),
})

/** `pilot run METHOD|CONFIG.json` */
export async function run(target: string, flags: RunFlags, terminal: Terminal): Promise<void> {
  const registry = registryOf(terminal.cwd)
  const plan = await planRuns(target, settingsOf(flags), { cwd: terminal.cwd, registry })
  await runPlan(plan, flags, terminal)
}
