import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { openRun, writeReport } from '@pilotjs/eval/node'
import type { OpenRun, Outcome } from '../experiment/run-all'
import { resultsTable } from '../terminal/results-table'
import type { Terminal } from '../terminal/terminal'

/** The table, the report, and how to go on. @throws Error where a run went wrong */
export async function finish(
  { results, failures }: Outcome,
  runs: readonly OpenRun[],
  folder: string,
  terminal: Terminal,
): Promise<void> {
  const { colors: c } = terminal
  if (results.length > 0) {
    terminal.out(resultsTable(results, terminal))
    const report = join(folder, 'report.html')
    // A run has written its own already, in its folder.
    const done = runs.filter(({ run }) => run.records.length > 0)
    if (done.some(({ run }) => run.path !== folder))
      await writeReport(await Promise.all(done.map(({ run }) => openRun(run.path))), report)
    terminal.err(`report: ${c.cyan(pathToFileURL(report).href)}`)
    terminal.err(c.dim(`name an image: pilot predict ${relative(terminal.cwd, done[0]!.run.path) || '.'} IMAGE`))
  }
  if (failures.length > 0 && runs.length === 1) throw new Error(failures[0]!.message)
  if (failures.length > 0)
    throw new Error(
      `${failures.length} of ${runs.length} runs went wrong:\n${failures.map(({ name, message }) => `  ${name}: ${message}`).join('\n')}`,
    )
}
