import type { Comparison } from '../comparison/compare-runs'
import { isContest } from '../comparison/compare-runs'
import type { MeasureColumn } from '../comparison/measure-columns'
import { measureColumns } from '../comparison/measure-columns'
import { duration } from './format'
import type { Html } from './html'
import { html } from './html'
import type { ReportRun } from './report-run'

/**
 * The figures one looks for first: of one setting its own, of several how far apart they are. Best is what stands on several
 * seeds.
 */
export function tiles(comparisons: readonly Comparison<ReportRun>[]): Html {
  const runs = comparisons.flatMap((each) => each.runs)
  const seconds = runs.reduce((sum, run) => sum + run.seconds, 0)
  const columns = measureColumns(comparisons, ['everywhere']).filter(({ reading }) => reading === undefined)
  return html`<dl class="tiles">
    ${columns.map((column) => figure(column, comparisons))}
    ${tile('Time in all', duration(seconds), runs.length > 1 ? `${runs.length} runs` : 'learning and scoring')}
  </dl>`
}

const tile = (name: string, value: string, by: string) =>
  html`<div class="tile">
    <dt>${name}</dt>
    <dd>${value} <small>${by}</small></dd>
  </div>`

function figure(column: MeasureColumn, comparisons: readonly Comparison<ReportRun>[]): Html {
  const { title, measure, spread, text } = column
  const known = comparisons.filter((each) => spread(each))
  const sign = measure.better === 'higher' ? 1 : -1
  const sorted = [...known].sort((a, b) => sign * (spread(b)!.mean - spread(a)!.mean))
  const [top, last] = [sorted[0]!, sorted.at(-1)!]
  if (comparisons.length === 1) return tile(title, `${text(top)} ${measure.unit}`, seedsText(top))
  if (isContest(comparisons)) {
    const name = `${sign === 1 ? 'Best' : 'Least'} ${title.toLowerCase()}`
    return tile(name, `${text(top)} ${measure.unit}`, `${top.name}, ${seedsText(top)}`)
  }
  const range = [last, top].map((each) => measure.format(spread(each)!.mean)).join(' – ')
  return tile(title, `${range} ${measure.unit}`, `${last.name} to ${top.name}`)
}

const seedsText = ({ runs }: Comparison<ReportRun>) =>
  runs.length > 1 ? `${runs.length} seeds` : `after ${runs[0]!.summary.tasks} tasks, one seed`
