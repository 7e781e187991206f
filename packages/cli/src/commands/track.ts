import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { counted } from '../terminal/marks'
import type { Terminal } from '../terminal/terminal'
import { runFolders } from './run-folders'
import { openTracker, readTracker } from './trackers'

/** `pilot track --to tensorboard|mlflow RUN…`: tells trackers of runs that are there, finished or not. */
export async function track(
  paths: readonly string[],
  flags: { readonly to: string },
  terminal: Terminal,
): Promise<void> {
  const choice = readTracker(flags.to)
  const folders = [...new Set((await Promise.all(paths.map((path) => runFolders(path, terminal.cwd)))).flat())]
  const { replay } = await import('@pilotjs/trackers')
  let told = 0
  for (const folder of folders) {
    const shown = relative(terminal.cwd, folder) || '.'
    const file = join(folder, 'events.jsonl')
    if (!existsSync(file)) {
      terminal.err(`left out: ${shown} has no events.jsonl; it was made by an earlier version`)
      continue
    }
    const tracker = await openTracker(choice, folder, terminal.cwd)
    const events = await replay(file, tracker, { signal: terminal.signal })
    terminal.out(`${shown}: ${counted(events, 'event')} to ${tracker.name}`)
    told++
  }
  if (told === 0) throw new Error('no run has an events.jsonl')
}
