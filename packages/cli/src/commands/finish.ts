import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Comparison } from '@pilotjs/eval'
import { writeReport } from '@pilotjs/eval/node'
import { openRun } from '@pilotjs/experiment'
import { command } from '../terminal/command-line'
import type { FinishedRun } from '../terminal/results-table'
import { comparisonsOf, resultsTable } from '../terminal/results-table'
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
  const rows = comparisonsOf(results)
  if (rows.length > 0) {
    terminal.out(resultsTable(rows, terminal))
    const report = join(folder, 'report.html')
    // A run has written its own already, in its folder.
    const done = runs.filter(({ run }) => run.records.length > 0)
    if (done.some(({ run }) => run.path !== folder))
      await writeReport(await Promise.all(done.map(({ run }) => openRun(run.path))), report)
    terminal.err(`report: ${c.cyan(pathToFileURL(report).href)}`)
    const run = relative(terminal.cwd, highest(rows).path) || '.'
    terminal.err(c.dim(`name an image: ${command(terminal, 'predict', run, 'IMAGE')}`))
  }
  if (failures.length > 0 && runs.length === 1) throw failures[0]!.error
  if (failures.length > 0)
    throw new Error(
      `${failures.length} of ${runs.length} runs went wrong:\n${failures.map(({ name, error }) => `  ${name}: ${error instanceof Error ? error.message : String(error)}`).join('\n')}`,
    )
}

/** The run to use: of the setting with the highest average the one that ended highest. */
const highest = ([first]: readonly Comparison<FinishedRun>[]): FinishedRun =>
  first!.runs.reduce((best, run) => (run.summary.lastAccuracy > best.summary.lastAccuracy ? run : best))
