import type { Comparison } from '../comparison/compare-runs'
import { spread } from '../comparison/spread'
import { readingTitle } from '../protocol/index'
import type { ReportRun } from './report-run'

/** A line of the chart of curves, and the band around it where it stands on several seeds. Percent. */
export interface GroupCurve {
  readonly name: string
  /** What it is drawn in: `--s0`, `--s1`, … of the page. */
  readonly color: number
  /** A reading beside the one that counts. */
  readonly other: boolean
  readonly seeds: number
  readonly mean: readonly number[]
  /** Sample standard deviation after each task; absent for a single seed. */
  readonly deviation?: readonly number[]
}

/** The curve of every setting, and of its other readings that all its runs have: means over seeds, task by task. */
export function groupCurves(comparisons: readonly Comparison<ReportRun>[]): GroupCurve[] {
  return comparisons.flatMap(({ name, runs, readings }) => {
    const curve = (title: string, other: boolean, of: (run: ReportRun) => readonly number[]): GroupCurve => {
      const curves = runs.map(of)
      const points = curves[0]!.map((_, task) => spread(curves.map((own) => own[task]!)))
      return {
        name: title,
        color: runs[0]!.color,
        other,
        seeds: runs.length,
        mean: points.map(({ mean }) => shorter(mean)),
        ...(runs.length > 1 ? { deviation: points.map(({ deviation }) => shorter(deviation!)) } : {}),
      }
    }
    return [
      curve(name, false, ({ summary }) => summary.curve),
      ...Object.keys(readings).map((reading) =>
        curve(`${name} (${readingTitle(reading)})`, true, ({ summary }) => summary.readings[reading]!.curve),
      ),
    ]
  })
}

/** Two decimals are all that a chart shows. */
const shorter = (value: number) => Math.round(value * 100) / 100
