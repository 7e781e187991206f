import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { writeReport } from '@pilotjs/eval/node'
import { openRun } from '@pilotjs/experiment'
import { resultsTable } from '../terminal/results-table'
import { command } from '../terminal/command-line'
import type { Terminal } from '../terminal/terminal'
import type { OpenRun, Outcome } from './run-all'

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
    terminal.err(
      c.dim(
        `name an image: ${command(terminal, 'predict', relative(terminal.cwd, done[0]!.run.path) || '.', 'IMAGE')}`,
      ),
    )
  }
  if (failures.length > 0 && runs.length === 1) throw failures[0]!.error
  if (failures.length > 0)
    throw new Error(
      `${failures.length} of ${runs.length} runs went wrong:\n${failures.map(({ name, error }) => `  ${name}: ${error instanceof Error ? error.message : String(error)}`).join('\n')}`,
    )
}
