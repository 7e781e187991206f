import { join, relative, resolve } from 'node:path'
import { createRun } from '@pilotjs/eval/node'
import { demoMethods } from '../demo/demo-methods'
import { planRuns } from '../experiment/plan-runs'
import type { OpenRun } from '../experiment/run-all'
import { preparationRelay, runAll } from '../experiment/run-all'
import { sealed } from '../experiment/run-experiment'
import { newRunFolder } from '../experiment/run-folders'
import { createWorkbench } from '../experiment/workbench'
import { findMethods } from '../registry/find-methods'
import { unknownMethod } from '../registry/load-method'
import type { Terminal } from '../terminal/terminal'
import { finish } from './finish'

export interface DemoFlags {
  readonly methods?: readonly string[]
  readonly out?: string
  readonly engine?: string
}

/** `pilot demo`: the installed methods on the embedded images with the embedded backbone, ten tasks of ten classes. */
export async function demo(flags: DemoFlags, terminal: Terminal): Promise<void> {
  const found = await findMethods(terminal.cwd)
  const names = flags.methods ?? Object.keys(demoMethods).filter((name) => found.some(({ method }) => method === name))
  for (const name of names) if (!found.some(({ method }) => method === name)) throw unknownMethod(name, found)

  const out = flags.out ? resolve(terminal.cwd, flags.out) : newRunFolder(terminal.cwd, 'demo')
  const preparing = preparationRelay()
  const bench = createWorkbench({ signal: terminal.signal, onPreparing: preparing.onPreparing })
  const runs: OpenRun[] = []
  try {
    for (const name of names) {
      const settings = Object.entries(demoMethods[name] ?? {}).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
      const { loaded, configs } = await planRuns(name, { set: settings, engine: flags.engine }, terminal.cwd)
      const config = configs[0]!
      const experiment = await bench.prepare(config, loaded.method)
      if (runs.length === 0) introduce(experiment, terminal)
      runs.push({
        name,
        run: await createRun(join(out, name), sealed(config, experiment, loaded)),
        loaded,
        prepare: () => bench.prepare(config, loaded.method),
      })
    }
    terminal.err(`saved in ${relative(terminal.cwd, out) || out}\n`)
    await finish(await runAll(runs, terminal, preparing.attach), runs, out, terminal)
  } finally {
    for (const { run } of runs) await run.release()
    await bench.close()
  }
}

function introduce(
  { stream, backbone, engine }: Awaited<ReturnType<ReturnType<typeof createWorkbench>['prepare']>>,
  { err, colors: c }: Terminal,
): void {
  const { tasks, plan, classNames } = stream
  err(c.bold(`\n${plan.totalClasses} classes of icons come in ${tasks.length} tasks, ${plan.increment} at a time.`))
  err('Each method learns them in turn, without the images of earlier tasks, and is asked about all of them.')
  err(
    c.dim(`backbone ${backbone.name} · engine ${engine} · task 1: ${classNames.slice(0, plan.increment).join(', ')}\n`),
  )
}
