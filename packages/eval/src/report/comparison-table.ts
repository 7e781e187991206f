import type { Comparison } from '../comparison/compare-runs'
import { measureColumns } from '../comparison/measure-columns'
import { mainReading } from '../protocol/index'
import { count, duration } from './format'
import type { Html } from './html'
import { html } from './html'
import type { ReportRun } from './report-run'

/** A row for the seeds of one setting, the highest average first; the best figures bold where all rows stand on several seeds. */
export function comparison(comparisons: readonly Comparison<ReportRun>[]): Html {
  const columns = measureColumns(comparisons, ['everywhere', 'report'])
  const lower = columns.filter(({ measure }) => measure.better === 'lower').map(({ title }) => title.toLowerCase())
  const row = (each: Comparison<ReportRun>) => {
    const [run] = each.runs as [ReportRun, ...ReportRun[]]
    const meter = (percent: number) =>
      html`<span class="meter" aria-hidden="true"
        ><i style="width:${percent.toFixed(1)}%;background:var(--s${run.color})"></i
      ></span>`
    return html`<tr>
      <th scope="row">
        <span class="swatch" style="background:var(--s${run.color})"></span
        >${each.name}${run.complete ? '' : html` <span class="unfinished">${run.summary.tasks} of ${mainReading(run.records.at(-1)!).byTask.length} tasks</span>`}
      </th>
      <td data-label="Seeds">${String(each.runs.length)}</td>
      ${columns.map((column, index) => {
        const spread = column.spread(each)
        return html`<td data-label="${column.title}" class="${column.isBest(each) ? 'best' : ''}">
          ${index === 0 && spread ? meter(spread.mean) : null}${column.text(each)}
        </td>`
      })}
      <td data-label="Time">${duration(each.seconds)}</td>
      <td data-label="Trainable parameters">${count(each.trainableParameters)}</td>
    </tr>`
  }
  return html`<section class="card" aria-labelledby="comparison">
    <h2 id="comparison">${comparisons.length > 1 ? 'Methods compared' : 'Result'}</h2>
    <p class="note">
      Accuracies in percent; forgetting and transfer in percent points. Higher is better, but for
      ${lower.join(' and ')}. Of several seeds: mean ± sample standard deviation; time is that of one run.
    </p>
    <div class="scroll cards">
      <table>
        <thead>
          <tr>
            <th scope="col">Method</th>
            <th scope="col">Seeds</th>
            ${columns.map(({ lines: [first, second] }) => html`<th scope="col">${first}${second === undefined ? null : html`<br />${second}`}</th>`)}
            <th scope="col">Time</th>
            <th scope="col">Trainable<br />parameters</th>
          </tr>
        </thead>
        <tbody>
          ${comparisons.map(row)}
        </tbody>
      </table>
    </div>
  </section>`
}
