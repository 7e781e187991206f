import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Comparison } from '@pilotjs/eval'
import { isContest, spreadText } from '@pilotjs/eval'
import { writeReport } from '@pilotjs/eval/node'
import { openRun } from '@pilotjs/experiment'
import { command } from '../terminal/command-line'
import { differencesTable } from '../terminal/differences-table'
import { oneLine } from '../terminal/harmless'
import type { FinishedRun, Result } from '../terminal/results-table'
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
  const rows = comparisonsOf(await Promise.all(results.map(withPredictions)))
  if (rows.length > 0) {
    terminal.out(resultsTable(rows, terminal))
    const apart = differencesTable(rows, terminal)
    if (apart !== undefined) terminal.out(apart)
    const report = join(folder, 'report.html')
    // A run has written its own already, in its folder.
    const done = runs.filter(({ run }) => run.records.length > 0)
    if (done.some(({ run }) => run.path !== folder))
      await writeReport(await Promise.all(done.map(({ run }) => openRun(run.path))), report)
    terminal.err(`report: ${c.cyan(pathToFileURL(report).href)}`)
    if (rows.length > 1) terminal.err(`highest average: ${c.bold(oneLine(rows[0]!.name))}, ${averageOf(rows[0]!)}`)
    const run = relative(terminal.cwd, toUse(rows, results).path) || '.'
    terminal.err(c.dim(`name an image: ${command(terminal, 'predict', run, 'IMAGE')}`))
  }
  if (failures.length > 0 && runs.length === 1) throw failures[0]!.error
  if (failures.length > 0)
    throw new Error(
      `${failures.length} of ${runs.length} runs went wrong:\n${failures.map(({ name, error }) => `  ${name}: ${error instanceof Error ? error.message : String(error)}`).join('\n')}`,
    )
}

/** `87.5 % (one seed)`, `87.5 ± 0.4 % (3 seeds)` */
const averageOf = ({ measures: { averageIncrementalAccuracy: average }, runs }: Comparison<FinishedRun>) =>
  `${average === undefined ? '–' : spreadText(average)} % (${runs.length === 1 ? 'one seed' : `${runs.length} seeds`})`

/** Predictions are told of the last task saved; a run that saved none has none. */
const withPredictions = async (result: Result): Promise<Result> =>
  result.metrics.summary ? { ...result, predictions: (await (await openRun(result.path)).last()).predictions } : result

/**
 * The run that the hint names: the first of the setting with the highest average, where all settings stand on several seeds; else
 * the first that was asked for. Nothing is called the best by a single seed, nor is a seed chosen by its accuracy.
 */
export const toUse = (rows: readonly Comparison<FinishedRun>[], results: readonly Pick<Result, 'path'>[]) =>
  isContest(rows) ? rows[0]!.runs[0]! : results[0]!
