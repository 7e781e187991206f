import type { Settings } from '@pilotjs/experiment'
import { planRuns } from '@pilotjs/experiment'
import { registryOf } from '../registry'
import type { StreamFlags } from '../stream-flags'
import { streamSettingsOf } from '../stream-flags'
import type { Terminal } from '../terminal/terminal'
import { readSettings } from './read-settings'
import { runPlan } from './run-plan'

/** What `pilot run` can be told by flags; each outdoes the file. */
export interface RunFlags extends StreamFlags {
  readonly data?: string
  readonly dataRoot?: string
  readonly trainPerClass?: number
  readonly testPerClass?: number
  readonly backbone?: string
  readonly preprocessing?: string
  readonly precision?: Settings['precision']
  readonly compat?: Settings['compat']
  readonly split?: number
  readonly kind?: Settings['kind']
  readonly orientation?: Settings['orientation']
  readonly check?: 'none' | 'header' | 'decode'
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
  return {
    data: flags.data,
    dataRoot: flags.dataRoot,
    backbone: flags.backbone,
    preprocessing: flags.preprocessing,
    precision: flags.precision,
    compat: flags.compat,
    testFraction: flags.split,
    kind: flags.kind,
    orientation: flags.orientation,
    ...streamSettingsOf(flags),
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
