import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { TableFormat } from '@pilotjs/eval'
import { exportTable } from '@pilotjs/eval'
import { reportRuns, uniqueNames, writeReport } from '@pilotjs/eval/node'
import type { RunDirectory } from '@pilotjs/experiment'
import { metricsOf, openRun } from '@pilotjs/experiment'
import { command } from '../terminal/command-line'
import { memoryTable } from '../terminal/memory-table'
import { differencesTable } from '../terminal/differences-table'
import { comparisonsOf, resultsTable } from '../terminal/results-table'
import type { Terminal } from '../terminal/terminal'
import { runFolders } from './run-folders'

/** What `pilot report` can be told. */
export interface ReportFlags {
  readonly out?: string
  readonly format?: TableFormat
  /** Also tell what the methods keep. */
  readonly memory?: boolean
  /** Of an exemplar. */
  readonly imageBytes?: number
}

/**
 * `pilot report RUN…`: one page, and one table, on any number of runs. Of several, those with no finished task are left out.
 * @throws Error where a run can't be read: after the report on the others, where there are others
 */
export async function report(paths: readonly string[], flags: ReportFlags, terminal: Terminal): Promise<void> {
  const folders = [...new Set((await Promise.all(paths.map((path) => runFolders(path, terminal.cwd)))).flat())]
  const { runs, problems } = await readable(folders)
  const done = runs.filter(({ records }) => records.length > 0)
  if (done.length === 0) {
    if (problems.length > 0) throw new Error(problems.join('\n'))
    throw new Error(
      `no task is finished yet in ${folders.join(', ')}; ${command(terminal, 'resume', folders[0]!)} goes on`,
    )
  }
  const fallback = paths.length === 1 ? join(paths[0]!, 'report.html') : 'report.html'
  const file = resolve(terminal.cwd, flags.out ?? fallback)
  await writeReport(done, file)
  const names = uniqueNames(done)
  const rows = comparisonsOf(
    await Promise.all(
      done.map(async (run, index) => ({
        name: names[index]!,
        path: run.path,
        config: run.config,
        metrics: metricsOf(run),
        predictions: (await run.last()).predictions,
      })),
    ),
  )
  terminal.out(flags.format === undefined ? resultsTable(rows, terminal) : exportTable(rows, flags.format))
  const apart = flags.format === undefined ? differencesTable(rows, terminal) : undefined
  if (apart !== undefined) terminal.out(apart)
  if (flags.memory) terminal.out(await memoryTable(rows, flags.imageBytes, terminal))
  for (const { path } of runs.filter((run) => !done.includes(run)))
    terminal.err(`left out, as no task is finished yet: ${path}`)
  terminal.err(`report: ${terminal.colors.cyan(pathToFileURL(file).href)}`)
  if (problems.length > 0)
    throw new Error(`${problems.length} of ${folders.length} runs are not in the report:\n${problems.join('\n')}`)
}

/** The runs that can be read to the last file that a report needs, and what is wrong with the others. */
async function readable(folders: readonly string[]): Promise<{ runs: RunDirectory[]; problems: string[] }> {
  const runs: RunDirectory[] = []
  const problems: string[] = []
  for (const folder of folders) {
    try {
      const run = await openRun(folder)
      if (run.records.length > 0) await reportRuns([run])
      runs.push(run)
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error))
    }
  }
  return { runs, problems }
}
