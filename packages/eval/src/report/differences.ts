import type { Comparison } from '../comparison/compare-runs'
import { differencesNote } from '../comparison/difference-columns'
import { differenceText, pairedDifferences } from '../comparison/paired-differences'
import type { Html } from './html'
import { html } from './html'
import type { ReportRun } from './report-run'

/**
 * How far every setting is from the one with the highest average, pair by pair; nothing where no two have a seed and a stream in
 * common.
 */
export function differences(comparisons: readonly Comparison<ReportRun>[]): Html | null {
  const pairs = pairedDifferences(comparisons)
  if (pairs.length === 0) return null
  const colors = new Map(comparisons.map(({ name, runs }) => [name, runs[0]!.color]))
  return html`<section class="card" aria-labelledby="differences">
    <h2 id="differences">Differences to ${pairs[0]!.reference}</h2>
    <p class="note">
      In percent points, each seed against the same seed. ${differencesNote} An interval that holds 0 leaves open which
      is better; one of a single seed says nothing of other seeds. The row compared with was chosen for its height,
      which flatters it.
    </p>
    <div class="scroll cards">
      <table>
        <thead>
          <tr>
            <th scope="col">Method</th>
            <th scope="col">Seeds in<br />common</th>
            <th scope="col">Average incremental<br />accuracy</th>
            <th scope="col">Last<br />accuracy</th>
            <th scope="col">Interval<br />over</th>
          </tr>
        </thead>
        <tbody>
          ${pairs.map(
            (pair) =>
              html`<tr>
                <th scope="row">
                  <span class="swatch" style="background:var(--s${colors.get(pair.name)})"></span>${pair.name}
                </th>
                <td data-label="Seeds in common">${String(pair.seeds.length)}</td>
                <td data-label="Average incremental accuracy">${differenceText(pair.averageIncrementalAccuracy)}</td>
                <td data-label="Last accuracy">${differenceText(pair.lastAccuracy)}</td>
                <td data-label="Interval over">${pair.lastAccuracy.interval?.over ?? '–'}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`
}
