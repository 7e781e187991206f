import type { Comparison } from '../comparison/compare-runs'
import type { Html } from './html'
import { html } from './html'
import { groupCurves } from './curve-groups'
import { runCharts } from './charts/index'
import type { RunChart } from './charts/run-chart'
import type { ReportRun } from './report-run'
import { otherReadings, readingTitle } from '../protocol/index'
import { tuning } from './tuning'

/** What the lines of the chart are: in the page rather than in the chart, so that it breaks into lines on a phone and prints. */
function lineKey(runs: readonly ReportRun[]): Html {
  const seen = new Set<number>()
  const first = runs.filter(({ color }) => !seen.has(color) && seen.add(color))
  const others = otherReadings(runs.map(({ summary }) => summary))
  return html`<ul class="key">
    ${first.map(({ color, group }) => html`<li><span class="swatch" style="background:var(--s${color})"></span>${group}</li>`)}
    ${others.map((name) => html`<li><span class="dash"></span>${readingTitle(name)}</li>`)}
  </ul>`
}

/** Accuracy after every task, all runs in one chart; the same numbers as a table for those who can't see or want to copy. */
export function curves(runs: readonly ReportRun[], comparisons: readonly Comparison<ReportRun>[]): Html {
  const longest = runs.reduce((most, run) => (run.records.length > most.records.length ? run : most)).records
  const row = (name: string, cells: readonly string[]) =>
    html`<tr>
      <th scope="row">${name}</th>
      ${longest.map((_, task) => html`<td>${cells[task] ?? '–'}</td>`)}
    </tr>`
  const numbers = (curve: readonly number[]) => curve.map((value) => value.toFixed(2))
  const several = groupCurves(comparisons).filter(({ seeds }) => seeds > 1)
  return html`<section class="card" aria-labelledby="curves">
    <h2 id="curves">Accuracy as classes come in</h2>
    <p class="note">
      After each task, on the test images of all classes seen by then. What falls is forgetting, and a choice among more
      classes.${several.length > 0 ? ' Of several seeds: their mean, in a band of one sample standard deviation to either side.' : ''}
    </p>
    ${lineKey(runs)}
    <figure>
      <div
        class="chart"
        data-chart="curves"
        style="height:360px"
        role="img"
        aria-label="Accuracy on all classes seen, by task and method"
      ></div>
    </figure>
    <details>
      <summary>The numbers</summary>
      <div class="scroll">
        <table>
          <caption>
            Accuracy on all classes seen, percent
          </caption>
          <thead>
            <tr>
              <th scope="col">classes seen</th>
              ${longest.map(({ classesAfter }) => html`<th scope="col">${classesAfter}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${several.map(({ name, mean, deviation }) =>
              row(
                `${name}, mean ± deviation`,
                mean.map((value, task) => `${value.toFixed(2)} ± ${deviation![task]!.toFixed(2)}`),
              ),
            )}
            ${runs.map(({ name, summary }) => [
              row(name, numbers(summary.curve)),
              ...Object.entries(summary.readings)
                .slice(1)
                .map(([reading, { curve }]) => row(`${name}, ${readingTitle(reading)}`, numbers(curve))),
            ])}
          </tbody>
        </table>
      </div>
    </details>
  </section>`
}

/** The buttons that choose a run, where there are several. */
export function tabs(runs: readonly ReportRun[]): Html | null {
  if (runs.length < 2) return null
  return html`<div class="tabs" role="tablist" aria-label="Method to look at">
    ${runs.map(
      ({ name, color }, index) =>
        html`<button role="tab" id="tab-${index}" aria-controls="run-${index}" aria-selected="${String(index === 0)}">
          <span class="swatch" style="background:var(--s${color})"></span>${name}
        </button>`,
    )}
  </div>`
}

/** All about one run. */
export function runPanel(run: ReportRun, index: number, alone: boolean): Html {
  const attributes = alone ? html`` : html`role="tabpanel" aria-labelledby="tab-${index}" tabindex="0"`
  return html`<div id="run-${index}" ${attributes}>
    <section class="card" aria-label="${run.name}: tasks and classes">
      ${chartsOf('tasks', run, index)} ${confusedPairs(run)}
    </section>
    <section class="card" aria-label="${run.name}: classes">${chartsOf('classes', run, index)} ${hardest(run)}</section>
    ${mistakes(run)}
    <section class="card" aria-label="${run.name}: time and memory">${chartsOf('costs', run, index)}</section>
    <section class="card" aria-label="${run.name}: configuration">
      ${tuning(run.config)}
      <h2>Configuration</h2>
      <p class="note">As saved in ${run.path}.</p>
      <details>
        <summary>config.json</summary>
        <pre>${JSON.stringify(run.config, undefined, 2)}</pre>
      </details>
    </section>
  </div>`
}

/** The charts of a card: those that need little room side by side, then each other in a row of its own. */
function chartsOf(card: RunChart['card'], run: ReportRun, index: number): Html {
  const own = runCharts.filter((chart) => chart.card === card && chart.data(run) !== undefined)
  const figure = ({ name, title, note, size }: RunChart) => {
    const { height, width = 0 } = size(run)
    return html`<figure>
      <h2>${title}</h2>
      <p class="note">${note}</p>
      <div class="scroll">
        <div
          class="chart"
          data-chart="${name}"
          data-run="${index}"
          style="height:${height}px;min-width:${Math.min(width, 2400)}px"
          role="img"
          aria-label="${title}, ${run.name}"
        ></div>
      </div>
    </figure>`
  }
  const beside = own.filter(({ size }) => size(run).width === undefined)
  const wide = own.filter((chart) => !beside.includes(chart))
  return html`<div class="pair">${beside.map(figure)}</div>
    ${wide.map(figure)}`
}

function confusedPairs({ confusion, last }: ReportRun): Html | null {
  const pairs = confusion
    .flatMap((row, label) => row.map((images, predicted) => ({ images, label, predicted })))
    .filter(({ images, label, predicted }) => label !== predicted && images > 0)
    .sort((a, b) => b.images - a.images)
    .slice(0, 8)
  if (pairs.length === 0) return null
  return html`<h3>Most often mixed up</h3>
    <ul class="chips">
      ${pairs.map(({ images, label, predicted }) => html`<li>${last.classNames[label]} → ${last.classNames[predicted]} <b>${images}×</b></li>`)}
    </ul>`
}

function hardest({ perClass, last }: ReportRun): Html | null {
  const worst = perClass
    .flatMap((value, c) => (value === null ? [] : [{ value, c }]))
    .sort((a, b) => a.value - b.value)
    .slice(0, 8)
  if (worst.length === 0) return null
  return html`<h3>Hardest classes</h3>
    <ul class="chips">
      ${worst.map(({ value, c }) => html`<li>${last.classNames[c]} <b>${value.toFixed(0)} %</b></li>`)}
    </ul>`
}

function mistakes({ name, last }: ReportRun): Html | null {
  if (last.mistakes.length === 0) return null
  const label = (c: number) => last.classNames[c] ?? `class ${c}`
  return html`<section class="card" aria-label="${name}: wrongly classified test images">
    <h2>Test images it got wrong</h2>
    <p class="note">
      After the last task, the first mistakes of each class: what the image shows, and what was said instead.
    </p>
    <div class="mistakes">
      ${last.mistakes.map(
        ({ image, label: is, predicted, key }) =>
          html`<figure>
            <img
              src="${pictureOnly(image)}"
              alt="${label(is)}, taken for ${label(predicted)}"
              title="${key}"
              loading="lazy"
            />
            <figcaption>
              <span class="was">${label(is)}</span><br /><span class="said">→ ${label(predicted)}</span>
            </figcaption>
          </figure>`,
      )}
    </div>
  </section>`
}

/** A picture that stands in the page itself: anything else would be fetched, or run, by whoever opens the page. */
const pictureOnly = (address: string) => (address.startsWith('data:image/') ? address : 'data:,')
