import { join, relative, resolve } from 'node:path'
import { createRun } from '@pilotjs/eval/node'
import type { RunFlags } from '../experiment/plan-runs'
import { planRuns } from '../experiment/plan-runs'
import { preparationRelay, runAll } from '../experiment/run-all'
import type { OpenRun } from '../experiment/run-all'
import { sealed } from '../experiment/run-experiment'
import { newRunFolder, runName } from '../experiment/run-folders'
import { createWorkbench } from '../experiment/workbench'
import type { Terminal } from '../terminal/terminal'
import { finish } from './finish'

/** `pilot run METHOD|CONFIG.json` */
export async function run(
  target: string,
  flags: RunFlags & { readonly out?: string },
  terminal: Terminal,
): Promise<void> {
  const { loaded, configs, notes } = await planRuns(target, flags, terminal.cwd)
  for (const note of notes) terminal.err(terminal.colors.dim(note))
  const several = configs.length > 1
  const out = flags.out ? resolve(terminal.cwd, flags.out) : newRunFolder(terminal.cwd, runName(configs[0]!, several))
  const preparing = preparationRelay()
  const bench = createWorkbench({ signal: terminal.signal, onPreparing: preparing.onPreparing })
  try {
    const runs: OpenRun[] = []
    for (const config of configs) {
      // Everything is made once before anything is written: what doesn't fit shows before a folder appears.
      const experiment = await bench.prepare(config, loaded.method)
      const folder = several ? join(out, `seed-${config.seed}`) : out
      runs.push({
        name: several ? `${config.method}, seed ${config.seed}` : config.method,
        run: await createRun(folder, sealed(config, experiment, loaded)),
        loaded,
        prepare: () => bench.prepare(config, loaded.method),
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
