import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { uniqueNames, writeReport } from '@pilotjs/eval/node'
import type { RunDirectory, SweepFolder, SweepOutcome } from '@pilotjs/experiment'
import { metricsOf } from '@pilotjs/experiment'
import { command } from '../terminal/command-line'
import { comparisonsOf, resultsTable } from '../terminal/results-table'
import type { Terminal } from '../terminal/terminal'

/** Runs that went wrong that a message names; there may be hundreds. */
const TOLD = 10

/** Runs up to which the page shows wrongly classified images of each. */
const PICTURED = 100

/** One table and one page on all runs of a sweep. @throws Error where runs went wrong, after that */
export async function finishSweep(folder: SweepFolder, { failures }: SweepOutcome, terminal: Terminal): Promise<void> {
  const runs = await folder.readable()
  if (runs.length > 0) {
    const names = uniqueNames(runs)
    const results = runs.map((run, index) => ({
      name: names[index]!,
      path: run.path,
      config: run.config,
      metrics: metricsOf(run),
    }))
    terminal.out(resultsTable(comparisonsOf(results), terminal))
    const page = join(folder.path, 'report.html')
    await writeReport(runs.length > PICTURED ? runs.map(withoutPictures) : runs, page)
    terminal.err(`report: ${terminal.colors.cyan(pathToFileURL(page).href)}`)
  }
  if (failures.length === 0) return
  const lines = failures
    .slice(0, TOLD)
    .map(
      ({ run, error }) => `  ${run.label} (${run.folder}): ${error instanceof Error ? error.message : String(error)}`,
    )
  if (failures.length > TOLD) lines.push(`  … and ${failures.length - TOLD} more`)
  const again = command(terminal, 'sweep', join(relative(terminal.cwd, folder.path) || '.', 'sweep.json'))
  throw new Error(
    `${failures.length} of ${folder.runs.length} runs went wrong; ${again} tries them again:\n${lines.join('\n')}`,
  )
}

/** Pictures of hundreds of runs would be more than a browser opens. */
const withoutPictures = (run: RunDirectory): RunDirectory => ({
  ...run,
  last: async () => ({ ...(await run.last()), mistakes: [] }),
})
