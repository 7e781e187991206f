import { join, relative, resolve } from 'node:path'
import type { Settings } from '@pilotjs/experiment'
import { beginRun, createWorkbench, planRuns } from '@pilotjs/experiment'
import { registryOf } from '../registry'
import type { Terminal } from '../terminal/terminal'
import { finish } from './finish'
import { readSettings } from './read-settings'
import type { OpenRun } from './run-all'
import { preparationRelay, runAll } from './run-all'
import { newRunFolder, runName } from './run-folders'

/** What `pilot run` can be told by flags; each outdoes the file. */
export interface RunFlags {
  readonly data?: string
  readonly dataRoot?: string
  readonly trainPerClass?: number
  readonly testPerClass?: number
  readonly backbone?: string
  readonly scenario?: Settings['scenario']
  readonly initCls?: number
  readonly increment?: number
  readonly shuffle?: boolean
  readonly seed?: readonly number[]
  readonly set?: readonly string[]
  readonly engine?: string
  readonly out?: string
}

/** The flags in an experiment's own words. */
const settingsOf = ({ initCls, trainPerClass, testPerClass, seed, set, ...flags }: RunFlags): Settings => ({
  data: flags.data,
  dataRoot: flags.dataRoot,
  backbone: flags.backbone,
  scenario: flags.scenario,
  increment: flags.increment,
  shuffle: flags.shuffle,
  engine: flags.engine,
  baseClasses: initCls,
  perClass: { train: trainPerClass, test: testPerClass },
  seeds: seed,
  options: readSettings(set ?? []),
})

/** `pilot run METHOD|CONFIG.json` */
export async function run(target: string, flags: RunFlags, terminal: Terminal): Promise<void> {
  const registry = registryOf(terminal.cwd)
  const { loaded, configs, notes } = await planRuns(target, settingsOf(flags), { cwd: terminal.cwd, registry })
  for (const note of notes) terminal.err(terminal.colors.dim(note))
  const several = configs.length > 1
  const out = flags.out ? resolve(terminal.cwd, flags.out) : newRunFolder(terminal.cwd, runName(configs[0]!, several))
  const preparing = preparationRelay()
  const bench = createWorkbench({ registry, signal: terminal.signal, onPreparing: preparing.onPreparing })
  try {
    const runs: OpenRun[] = []
    for (const config of configs) {
      // Everything is made once before anything is written: what doesn't fit shows before a folder appears.
      const experiment = await bench.prepare(config, loaded.value)
      const folder = several ? join(out, `seed-${config.seed}`) : out
      runs.push({
        name: several ? `${config.method}, seed ${config.seed}` : config.method,
        run: await beginRun(folder, config, experiment, loaded),
        prepare: () => bench.prepare(config, loaded.value),
      })
    }
    terminal.err(describe(runs[0]!, relative(terminal.cwd, out) || out))
    await finish(await runAll(runs, terminal, preparing.attach), runs, out, terminal)
  } finally {
    await bench.close()
  }
}

/** `class-incremental · icons-100 · vit-icons · onnx · runs/l2p-icons-100-1993` */
export function describe({ run: { config } }: OpenRun, out: string): string {
  return [config.stream.scenario, config.data.name, config.backbone, config.engine, out].join(' · ')
}
