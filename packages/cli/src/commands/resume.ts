import { resolve } from 'node:path'
import { uniqueNames } from '@pilotjs/eval/node'
import { createWorkbench, openRun, resumeRun } from '@pilotjs/experiment'
import { registryOf } from '../registry'
import { oneLine } from '../terminal/harmless'
import type { Terminal } from '../terminal/terminal'
import { finish } from './finish'
import { describe } from './run-plan'
import type { OpenRun } from './run-all'
import { preparationRelay, runAll } from './run-all'
import { runFolders } from './run-folders'
import { readTracker } from './trackers'

/** `pilot resume RUN`: goes on after the last saved task; for a folder of runs, with each that isn't complete. */
export async function resume(
  path: string,
  flags: { readonly track?: readonly string[] },
  terminal: Terminal,
): Promise<void> {
  const trackers = (flags.track ?? []).map(readTracker)
  const folders = await runFolders(path, terminal.cwd)
  const preparing = preparationRelay()
  const registry = registryOf(terminal.cwd)
  const bench = createWorkbench({
    registry,
    signal: terminal.signal,
    onPreparing: preparing.onPreparing,
    onNotice: (message) => terminal.err(terminal.colors.dim(oneLine(message))),
  })
  const runs: OpenRun[] = []
  try {
    const names = uniqueNames(await Promise.all(folders.map(openRun)))
    for (const [index, folder] of folders.entries()) {
      const { config } = await openRun(folder)
      const method = await registry.load('method', config.method)
      const run = await resumeRun(folder)
      runs.push({ name: oneLine(names[index]!), run, method, prepare: () => bench.prepare(config, method.value) })
    }
    if (runs.every(({ run }) => run.complete))
      terminal.err(`${path} is complete already; its metrics and report are written anew`)
    terminal.err(describe(runs[0]!, path))
    await finish(await runAll(runs, terminal, preparing.attach, trackers), runs, resolve(terminal.cwd, path), terminal)
  } finally {
    for (const { run } of runs) await run.release()
    await bench.close()
  }
}
