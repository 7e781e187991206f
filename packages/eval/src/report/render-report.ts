import type { Comparison } from '../comparison/compare-runs'
import { compareRuns } from '../comparison/compare-runs'
import { measureColumns } from '../comparison/measure-columns'
import { chartKit } from './charts/chart-kit'
import type { CurvesData } from './charts/curves'
import { drawCurves } from './charts/curves'
import { runCharts } from './charts/index'
import type { RunChart } from './charts/run-chart'
import { groupCurves } from './curve-groups'
import { differences } from './differences'
import type { ChartRun } from './draw-charts'
import { drawCharts } from './draw-charts'
import type { Html } from './html'
import { html, jsonScript, raw, scriptText } from './html'
import { pageStyle } from './page-style'
import { paletteStyle } from './palette'
import type { ReportRun } from './report-run'
import { comparison } from './comparison-table'
import { curves, runPanel, tabs } from './sections'
import { tiles } from './tiles'
import { mainReading } from '../protocol/index'

export interface RenderOptions {
  /** Source of the charting library, to be put in the page. */
  readonly echarts: string
  /** Shown in the foot of the page. */
  readonly made: Date
}

/** A page that needs nothing but itself: figures, charts, pictures and configurations of one run or several. */
export function renderReport(runs: readonly ReportRun[], { echarts, made }: RenderOptions): string {
  if (runs.length === 0) throw new RangeError('a report needs at least one run')
  const comparisons = compareRuns(runs)
  const title = runs.length === 1 ? `${runs[0]!.name} on ${dataOf(runs)}` : `${runs.length} runs on ${dataOf(runs)}`
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="generator" content="pilotjs" />
        <title>${title} – pilotjs</title>
        <link rel="icon" href="data:," />
        <style>
          ${raw(pageStyle)}
          ${raw(paletteStyle(comparisons.length))}
        </style>
      </head>
      <body>
        <header class="top">
          <p class="brand">pilotjs</p>
          <h1>${title}</h1>
          <p class="lead">${setting(runs)}</p>
          ${tiles(comparisons)}
        </header>
        <main>
          ${comparison(comparisons)} ${differences(comparisons)} ${curves(runs, comparisons)} ${tabs(runs)}
          ${runs.map((run, index) => runPanel(run, index, runs.length === 1))}
          <footer>
            Made by pilotjs on ${made.toISOString().slice(0, 16).replace('T', ' ')} UTC. ${sources(comparisons)} Charts:
            Apache ECharts.
          </footer>
        </main>
        <noscript
          ><p class="note" style="text-align:center">
            The charts need JavaScript; tables and pictures don't.
          </p></noscript
        >
        <script>
          ${scriptText(echarts)}
        </script>
        <script type="application/json" id="runs">
          ${jsonScript(runs.map(chartRun))}
        </script>
        <script type="application/json" id="lines">
          ${jsonScript({ seen: longest(runs), groups: groupCurves(comparisons) } satisfies CurvesData)}
        </script>
        <script>
          ;(${scriptText(drawCharts.toString())})(
            echarts,
            JSON.parse(document.getElementById('runs').textContent),
            JSON.parse(document.getElementById('lines').textContent),
            ${scriptText(chartKit.toString())},
            {
              curves: { draw: ${scriptText(drawCurves.toString())} },
              ${scriptText(runCharts.map(drawer).join(', '))},
            },
            window,
          )
        </script>
      </body>
    </html> `.text
}

/** Who defined the measures of the page's tables: `Forgetting: Chaudhry et al. 2018.` */
const sources = (comparisons: readonly Comparison[]) =>
  measureColumns(comparisons, ['everywhere', 'report'])
    .filter(({ reading }) => reading === undefined)
    .map(({ title, measure }) => `${title}: ${measure.source}.`)
    .join(' ')

/** The numbers that a run's charts are drawn from. */
const chartRun = (run: ReportRun): ChartRun => ({
  color: run.color,
  charts: Object.fromEntries(runCharts.map(({ name, data }) => [name, data(run)])),
})

/** How a chart is drawn, as text of a property. */
const drawer = ({ name, draw, crowded }: RunChart) =>
  `${name}: { draw: ${draw.toString()}${crowded ? `, crowded: ${crowded.toString()}` : ''} }`

/** Classes seen after each task, of the longest run. */
const longest = (runs: readonly ReportRun[]) =>
  runs
    .reduce((most, run) => (run.records.length > most.records.length ? run : most))
    .records.map(({ classesAfter }) => classesAfter)

const distinct = (values: readonly string[]) => [...new Set(values)].join(', ')

const dataOf = (runs: readonly ReportRun[]) => distinct(runs.map(({ config }) => config.data.name))

/** `class-incremental, 10 tasks up to 100 classes (B10-Inc10) · backbone vit-icons · seed 1993 · engine onnx` */
function setting(runs: readonly ReportRun[]): Html {
  const streams = runs.map(({ config, records }) => {
    const { scenario, baseClasses, increment } = config.stream
    const tasks = mainReading(records.at(-1)!).byTask.length
    const sizes =
      scenario === 'domain-incremental' || scenario === 'generalised'
        ? ''
        : ` (B${baseClasses === increment ? 0 : baseClasses}-Inc${increment})`
    return `${scenario}, ${tasks} tasks${sizes}`
  })
  return html`${distinct(streams)} · backbone ${distinct(runs.map(({ config }) => config.backbone))} · seed
  ${distinct(runs.map(({ config }) => String(config.seed)))} · engine
  ${distinct(runs.map(({ config }) => config.engine))}`
}
