import { compareRuns } from '../comparison/compare-runs'
import { settingNames } from '../comparison/setting-names'
import { confusionMatrix, perClassAccuracy } from '../metrics/index'
import type { Predictions, TaskCost, TaskRecord } from '../protocol/record'
import type { Summary } from '../protocol/summary'
import { summarize } from '../protocol/summary'
import type { LastTask, ReportSource, ReportedConfig } from './report-source'

/** A run as a report needs it. */
export interface ReportRun {
  /** Unique in the report. */
  readonly name: string
  /** Of the runs that differ in their seed alone. */
  readonly group: string
  /** One for each group: what its runs are drawn in. */
  readonly color: number
  readonly path: string
  readonly config: ReportedConfig
  readonly complete: boolean
  readonly records: readonly TaskRecord[]
  readonly costs: readonly TaskCost[]
  readonly summary: Summary
  readonly last: LastTask
  /** What it said of every test image after the last task. */
  predictions(): Predictions
  /** Counts by true class (row) and predicted class (column), after the last task. */
  readonly confusion: readonly (readonly number[])[]
  readonly perClass: readonly (number | null)[]
  /** Seconds over all tasks, learning and scoring. */
  readonly seconds: number
}

/**
 * Reads runs for a report, each under the shortest name that tells it from the others: its method, with the seed, or else
 * with its folder.
 * @throws what `last` throws
 */
export async function reportRuns(directories: readonly ReportSource[]): Promise<ReportRun[]> {
  const names = uniqueNames(directories)
  const read = await Promise.all(
    directories.map(async ({ path, config, records, costs, complete, last: readLast }, index) => {
      const last = await readLast()
      const { labels, readings } = last.predictions
      const predicted = Object.values(readings)[0]!
      const confusion = confusionMatrix(predicted, labels, records.at(-1)!.classesAfter)
      return {
        name: names[index]!,
        path,
        config,
        complete,
        records,
        costs,
        last,
        predictions: () => last.predictions,
        confusion,
        summary: summarize(records),
        perClass: perClassAccuracy(confusion),
        seconds: costs.reduce((sum, { learnSeconds, scoreSeconds }) => sum + learnSeconds + scoreSeconds, 0),
      }
    }),
  )
  const groups = compareRuns(read)
  return groups.flatMap((group, color) => group.runs.map((run) => ({ ...run, group: group.name, color })))
}

export function uniqueNames(runs: readonly Pick<ReportSource, 'path' | 'config'>[]): string[] {
  const settings = settingNames(runs.map(({ config }) => config))
  const candidates = [
    runs.map(({ config }) => config.method),
    runs.map(({ config }) => `${config.method}, seed ${config.seed}`),
    settings,
    runs.map(({ config }, index) => `${settings[index]!}, seed ${config.seed}`),
    runs.map(({ config, path }) => `${config.method} (${path.split(/[\\/]/).at(-1)})`),
  ]
  return (
    candidates.find((names) => new Set(names).size === names.length) ??
    runs.map(({ config, path }) => `${config.method} (${path})`)
  )
}
