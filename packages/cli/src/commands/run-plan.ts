import { join, relative, resolve } from 'node:path'
import type { RunPlan } from '@pilotjs/experiment'
import { beginRun, createWorkbench } from '@pilotjs/experiment'
import { registryOf } from '../registry'
import { oneLine } from '../terminal/harmless'
import type { Terminal } from '../terminal/terminal'
import { finish } from './finish'
import type { OpenRun } from './run-all'
import { preparationRelay, runAll } from './run-all'
import { newRunFolder, runName } from './run-folders'
import { readTracker } from './trackers'

/**
 * Does what was planned, and shows how it goes and what it came to.
 * @param options.out where the run is saved, or the runs of several seeds; default: a new one under `runs`
 * @returns the folder of each run
 */
export async function runPlan(
  { loaded, configs, notes }: RunPlan,
  options: { readonly out?: string; readonly check?: 'none' | 'header' | 'decode'; readonly track?: readonly string[] },
  terminal: Terminal,
): Promise<string[]> {
  const note = (message: string) => terminal.err(terminal.colors.dim(oneLine(message)))
  const trackers = (options.track ?? []).map(readTracker)
  notes.forEach(note)
  // Code that did not come with the command is named before it learns.
  if (!loaded.bundled) note(`method ${loaded.name} is ${loaded.package} ${loaded.version} in ${loaded.folder}`)
  const several = configs.length > 1
  const out = options.out
    ? resolve(terminal.cwd, options.out)
    : newRunFolder(terminal.cwd, runName(configs[0]!, several))
  const preparing = preparationRelay()
  const bench = createWorkbench({
    registry: registryOf(terminal.cwd),
    signal: terminal.signal,
    onPreparing: preparing.onPreparing,
    onNotice: note,
    check: options.check,
  })
  try {
    const runs: OpenRun[] = []
    for (const config of configs) {
      // Everything is made once before anything is written: what doesn't fit shows before a folder appears.
      const experiment = await bench.prepare(config, loaded.value)
      const own = several ? join(out, `seed-${config.seed}`) : out
      runs.push({
        name: oneLine(several ? `${config.method}, seed ${config.seed}` : config.method),
        run: await beginRun(own, config, experiment, loaded),
        method: loaded,
        prepare: () => bench.prepare(config, loaded.value),
      })
    }
    terminal.err(describe(runs[0]!, relative(terminal.cwd, out) || out))
    await finish(await runAll(runs, terminal, preparing.attach, trackers), runs, out, terminal)
    return runs.map(({ run }) => run.path)
  } finally {
    await bench.close()
  }
}

/** `class-incremental · icons-100 · vit-icons · onnx · runs/l2p-icons-100-1993` */
export function describe({ run: { config } }: OpenRun, out: string): string {
  return [config.stream.scenario, config.data.name, config.backbone, config.engine, out].map(oneLine).join(' · ')
}
