import type { Html } from './html'
import { html } from './html'
import { count, duration, percent, points } from './format'
import type { ReportRun } from './report-run'
import { mainReading, otherReadings, readingTitle } from '../protocol/index'

/** The four figures one looks for first. */
export function tiles(runs: readonly ReportRun[]): Html {
  const by = (value: (run: ReportRun) => number) => runs.reduce((best, run) => (value(run) > value(best) ? run : best))
  const average = by(({ summary }) => summary.averageIncrementalAccuracy)
  const last = by(({ summary }) => summary.lastAccuracy)
  const kept = by(({ summary }) => -summary.forgetting)
  const seconds = runs.reduce((sum, run) => sum + run.seconds, 0)
  const whose = (run: ReportRun) => (runs.length > 1 ? run.name : `after ${run.summary.tasks} tasks`)
  const tile = (name: string, value: string, by: string) =>
    html`<div class="tile">
      <dt>${name}</dt>
      <dd>${value} <small>${by}</small></dd>
    </div>`
  return html`<dl class="tiles">
    ${tile('Best average incremental accuracy', percent(average.summary.averageIncrementalAccuracy), whose(average))}
    ${tile('Best last accuracy', percent(last.summary.lastAccuracy), whose(last))}
    ${tile('Least forgetting', `${points(kept.summary.forgetting)} points`, whose(kept))}
    ${tile('Time in all', duration(seconds), runs.length > 1 ? `${runs.length} runs` : 'learning and scoring')}
  </dl>`
}

/** One row a run, best figures bold. */
export function comparison(runs: readonly ReportRun[]): Html {
  const others = otherReadings(runs.map(({ summary }) => summary))
  const best = (values: readonly number[]) => Math.max(...values)
  const top = {
    average: best(runs.map(({ summary }) => summary.averageIncrementalAccuracy)),
    last: best(runs.map(({ summary }) => summary.lastAccuracy)),
    forgetting: -best(runs.map(({ summary }) => -summary.forgetting)),
  }
  const mark = (isBest: boolean) => (isBest && runs.length > 1 ? 'best' : '')
  const row = (run: ReportRun, index: number) => {
    const { summary } = run
    return html`<tr>
      <th scope="row">
        <span class="swatch" style="background:var(--s${index % 8})"></span
        >${run.name}${run.complete ? '' : html` <span class="unfinished">${summary.tasks} of ${mainReading(run.records.at(-1)!).byTask.length} tasks</span>`}
      </th>
      <td class="${mark(summary.averageIncrementalAccuracy === top.average)}">
        <span class="meter" aria-hidden="true"
          ><i style="width:${summary.averageIncrementalAccuracy.toFixed(1)}%;background:var(--s${index % 8})"></i></span
        >${percent(summary.averageIncrementalAccuracy)}
      </td>
      <td class="${mark(summary.lastAccuracy === top.last)}">${percent(summary.lastAccuracy)}</td>
      ${others.map((name) => html`<td>${percent(summary.readings[name]?.lastAccuracy)}</td>`)}
      <td class="${mark(summary.forgetting === top.forgetting)}">${points(summary.forgetting)}</td>
      <td>${points(summary.backwardTransfer)}</td>
      <td>${duration(run.seconds)}</td>
      <td>${count(summary.trainableParameters)}</td>
    </tr>`
  }
  return html`<section class="card" aria-labelledby="comparison">
    <h2 id="comparison">${runs.length > 1 ? 'Methods compared' : 'Result'}</h2>
    <p class="note">
      Accuracies in percent; forgetting and backward transfer in percent points. Higher is better, but for forgetting.
    </p>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Method</th>
            <th scope="col">Average incremental<br />accuracy</th>
            <th scope="col">Last<br />accuracy</th>
            ${others.map((name) => html`<th scope="col">Last,<br />${readingTitle(name)}</th>`)}
            <th scope="col">Forgetting</th>
            <th scope="col">Backward<br />transfer</th>
            <th scope="col">Time</th>
            <th scope="col">Trainable<br />parameters</th>
          </tr>
        </thead>
        <tbody>
          ${runs.map(row)}
        </tbody>
      </table>
    </div>
  </section>`
}

/** Accuracy after every task, all runs in one chart; the same numbers as a table for those who can't see or want to copy. */
export function curves(runs: readonly ReportRun[]): Html {
  const longest = runs.reduce((most, run) => (run.records.length > most.records.length ? run : most)).records
  const row = (name: string, curve: readonly number[]) =>
    html`<tr>
      <th scope="row">${name}</th>
      ${longest.map((_, task) => html`<td>${curve[task]?.toFixed(2) ?? '–'}</td>`)}
    </tr>`
  return html`<section class="card" aria-labelledby="curves">
    <h2 id="curves">Accuracy as classes come in</h2>
    <p class="note">
      After each task, on the test images of all classes seen by then. What falls is forgetting, and a choice among more
      classes.
    </p>
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
            ${runs.map(({ name, summary }) => [
              row(name, summary.curve),
              ...Object.entries(summary.readings)
                .slice(1)
                .map(([reading, { curve }]) => row(`${name}, ${readingTitle(reading)}`, curve)),
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
      ({ name }, index) =>
        html`<button role="tab" id="tab-${index}" aria-controls="run-${index}" aria-selected="${String(index === 0)}">
          <span class="swatch" style="background:var(--s${index % 8})"></span>${name}
        </button>`,
    )}
  </div>`
}

/** All about one run. */
export function runPanel(run: ReportRun, index: number, alone: boolean): Html {
  const attributes = alone ? html`` : html`role="tabpanel" aria-labelledby="tab-${index}" tabindex="0"`
  const chart = (kind: string, height: number, label: string) =>
    html`<div
      class="chart"
      data-chart="${kind}"
      data-run="${index}"
      style="height:${height}px"
      role="img"
      aria-label="${label}, ${run.name}"
    ></div>`
  return html`<div id="run-${index}" ${attributes}>
    <section class="card" aria-label="${run.name}: tasks and classes">
      <div class="pair">
        <figure>
          <h2>Accuracy matrix</h2>
          <p class="note">
            Each row is one moment: accuracy, in percent, on every task learned by then. A column that fades downwards
            is a task being forgotten.
          </p>
          ${chart('matrix', 430, 'Accuracy matrix')}
        </figure>
        <figure>
          <h2>Confusion</h2>
          <p class="note">
            After the last task: true classes downwards, predictions across. What lies off the diagonal is wrong.
          </p>
          ${chart('confusion', 430, 'Confusion matrix')}
        </figure>
      </div>
      ${confusedPairs(run)}
    </section>
    <section class="card" aria-label="${run.name}: classes">
      <h2>Every class</h2>
      <p class="note">Accuracy after the last task, in the order learned; shades alternate from task to task.</p>
      ${chart('classes', 260, 'Accuracy of each class')} ${hardest(run)}
    </section>
    ${mistakes(run)}
    <section class="card" aria-label="${run.name}: time and memory">
      <div class="pair">
        <figure>
          <h2>Time</h2>
          <p class="note">Seconds for learning each task and for scoring the test images of all tasks so far.</p>
          ${chart('time', 280, 'Seconds per task')}
        </figure>
        <figure>
          <h2>Memory</h2>
          <p class="note">After each task. A flat line means that nothing piles up.</p>
          ${chart('memory', 280, 'Memory per task')}
        </figure>
      </div>
      ${
        run.records.some(({ phases }) => phases.length > 0)
          ? html`<h3>Loss</h3>
              ${chart('losses', 240, 'Training loss')}`
          : null
      }
    </section>
    <section class="card" aria-label="${run.name}: configuration">
      <h2>Configuration</h2>
      <p class="note">As saved in ${run.path}.</p>
      <details>
        <summary>config.json</summary>
        <pre>${JSON.stringify(run.config, undefined, 2)}</pre>
      </details>
    </section>
  </div>`
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
            <img src="${image}" alt="${label(is)}, taken for ${label(predicted)}" title="${key}" loading="lazy" />
            <figcaption>
              <span class="was">${label(is)}</span><br /><span class="said">→ ${label(predicted)}</span>
            </figcaption>
          </figure>`,
      )}
    </div>
  </section>`
}
