import { join, relative, resolve } from 'node:path'
import type { Experiment } from '@pilotjs/experiment'
import { beginRun, createWorkbench, planRuns } from '@pilotjs/experiment'
import { demoImages, demoMethods } from '../demo/demo-methods'
import { registryOf } from '../registry'
import { command } from '../terminal/command-line'
import type { Terminal } from '../terminal/terminal'
import { finish } from './finish'
import type { OpenRun } from './run-all'
import { preparationRelay, runAll } from './run-all'
import { newRunFolder } from './run-folders'

export interface DemoFlags {
  readonly methods?: readonly string[]
  readonly out?: string
  readonly engine?: string
  /** Take all images, and the time that takes. */
  readonly full?: boolean
}

/** `pilot demo`: the installed methods on the embedded images with the embedded backbone, ten tasks of ten classes. */
export async function demo(flags: DemoFlags, terminal: Terminal): Promise<void> {
  const registry = registryOf(terminal.cwd)
  const found = await registry.list('method')
  const names = flags.methods ?? Object.keys(demoMethods).filter((name) => found.some((each) => each.name === name))

  const out = flags.out ? resolve(terminal.cwd, flags.out) : newRunFolder(terminal.cwd, 'demo')
  const preparing = preparationRelay()
  const bench = createWorkbench({ registry, signal: terminal.signal, onPreparing: preparing.onPreparing })
  const runs: OpenRun[] = []
  try {
    for (const name of names) {
      const { loaded, configs } = await planRuns(
        name,
        {
          options: demoMethods[name] ?? {},
          engine: flags.engine,
          ...(flags.full ? {} : { perClass: demoImages }),
        },
        { cwd: terminal.cwd, registry },
      )
      const config = configs[0]!
      const experiment = await bench.prepare(config, loaded.value)
      if (runs.length === 0) introduce(experiment, Boolean(flags.full), terminal)
      runs.push({
        name,
        run: await beginRun(join(out, name), config, experiment, loaded),
        method: loaded,
        prepare: () => bench.prepare(config, loaded.value),
      })
    }
    terminal.err(`saved in ${relative(terminal.cwd, out) || out}\n`)
    await finish(await runAll(runs, terminal, preparing.attach), runs, out, terminal)
    const { dim } = terminal.colors
    terminal.err(dim(`your own images: ${command(terminal, 'run', 'simplecil', '--data', 'FOLDER')}`))
    terminal.err(dim(`what there is: ${command(terminal, 'list', 'methods')}, ${command(terminal, '--help')}`))
  } finally {
    for (const { run } of runs) await run.release()
    await bench.close()
  }
}

function introduce({ stream, backbone, engine }: Experiment, full: boolean, { err, colors: c }: Terminal): void {
  const { tasks, plan, classNames } = stream
  const test = tasks.reduce((sum, _, task) => sum + stream.test(task).length, 0)
  const train = tasks.reduce((sum, task) => sum + task.train.length, 0)
  err(c.bold(`${plan.totalClasses} classes of icons come in ${tasks.length} tasks, ${plan.increment} at a time.`))
  err('Each method learns them in turn and is asked about all that have come so far: what does it still know?')
  err(
    c.dim(
      `${train} training and ${test} test images${full ? '' : ', a part of icons-100 (all: --full)'} · backbone ${backbone.name} · engine ${engine}\n` +
        `task 1: ${classNames.slice(0, plan.increment).join(', ')}`,
    ),
  )
}
