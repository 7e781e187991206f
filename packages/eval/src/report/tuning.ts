import { spreadText } from '../comparison/spread'
import type { Html } from './html'
import { html } from './html'
import type { ReportedConfig } from './report-source'

/** What was chosen of a run's options, out of what, with how much work, and on what; nothing where a person chose them. */
export function tuning({ tuning: search, data }: ReportedConfig): Html | null {
  if (!search) return null
  const { chosen, space, sampler, trials, runs, seeds, on, score, reached } = search
  const elsewhere = on.data === data.name ? 'in class orders of their own' : `on ${on.data}`
  return html`<h2>Options that were chosen</h2>
    <p class="note">
      The best of ${String(trials)} draws (${sampler} search, at most ${String(runs)} runs) by ${score} on
      ${(100 * on.validationFraction).toFixed(0)} % of the training images of ${on.data}, kept apart for that; test
      images were not read. Tuned ${elsewhere}: ${seeds.length > 1 ? 'seeds' : 'seed'} ${seeds.join(', ')}. The chosen
      ones reached ${spreadText(reached)} % there.
    </p>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Option</th>
            <th scope="col">Chosen</th>
            <th scope="col">Out of</th>
          </tr>
        </thead>
        <tbody>
          ${Object.entries(chosen).map(
            ([name, value]) =>
              html`<tr>
                <th scope="row">${name}</th>
                <td>${JSON.stringify(value)}</td>
                <td>${outOf(space[name])}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`
}

/** `5, 10, 20` or `0.001 … 0.1, log` */
function outOf(values: unknown): string {
  if (Array.isArray(values)) return values.map((value) => JSON.stringify(value)).join(', ')
  const { from, to, scale } = (values ?? {}) as { from?: number; to?: number; scale?: string }
  return from === undefined ? '–' : `${from} … ${to}${scale === 'log' ? ', log' : ''}`
}
