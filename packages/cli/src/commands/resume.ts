import { resolve } from 'node:path'
import { openRun, resumeRun, uniqueNames } from '@pilotjs/eval/node'
import type { OpenRun } from '../experiment/run-all'
import { preparationRelay, runAll } from '../experiment/run-all'
import { runFolders } from '../experiment/run-folders'
import { createWorkbench } from '../experiment/workbench'
import { loadMethod } from '../registry/load-method'
import type { Terminal } from '../terminal/terminal'
import { describe } from './run'
import { finish } from './finish'

/** `pilot resume RUN`: goes on after the last saved task; for a folder of runs, with each that isn't complete. */
export async function resume(path: string, terminal: Terminal): Promise<void> {
  const folders = await runFolders(path, terminal.cwd)
  const preparing = preparationRelay()
  const bench = createWorkbench({ signal: terminal.signal, onPreparing: preparing.onPreparing })
  const runs: OpenRun[] = []
  try {
    const names = uniqueNames(await Promise.all(folders.map(openRun)))
    for (const [index, folder] of folders.entries()) {
      const { config } = await openRun(folder)
      const loaded = await loadMethod(config.method, terminal.cwd)
      const run = await resumeRun(folder)
      runs.push({ name: names[index]!, run, loaded, prepare: () => bench.prepare(config, loaded.method) })
    }
    if (runs.every(({ run }) => run.complete))
      terminal.err(`${path} is complete already; its metrics and report are written anew`)
    terminal.err(describe(runs[0]!, path))
    await finish(await runAll(runs, terminal, preparing.attach), runs, resolve(terminal.cwd, path), terminal)
  } finally {
    for (const { run } of runs) await run.release()
    await bench.close()
  }
}
