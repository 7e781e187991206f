import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { RunMetrics } from '@pilotjs/eval/node'
import { openRun, uniqueNames, writeReport } from '@pilotjs/eval/node'
import { runFolders } from '../experiment/run-folders'
import { resultsTable } from '../terminal/results-table'
import type { Terminal } from '../terminal/terminal'

/** `pilot report RUN…`: one page, and one table, on any number of runs. */
export async function report(
  paths: readonly string[],
  flags: { readonly out?: string },
  terminal: Terminal,
): Promise<void> {
  const folders = (await Promise.all(paths.map((path) => runFolders(path, terminal.cwd)))).flat()
  const runs = await Promise.all(folders.map(openRun))
  const fallback = paths.length === 1 ? join(paths[0]!, 'report.html') : 'report.html'
  const file = resolve(terminal.cwd, flags.out ?? fallback)
  await writeReport(runs, file)
  const names = uniqueNames(runs)
  const results = await Promise.all(
    folders.map(async (folder, index) => ({
      name: names[index]!,
      metrics: JSON.parse(await readFile(join(folder, 'metrics.json'), 'utf8')) as RunMetrics,
    })),
  )
  terminal.out(resultsTable(results, terminal))
  terminal.err(`report: ${terminal.colors.cyan(pathToFileURL(file).href)}`)
}
