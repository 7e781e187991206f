import type * as echartsModule from 'echarts'
import type { chartKit } from './charts/chart-kit'
import type { CurvesData } from './charts/curves'
import type { RunChart } from './charts/run-chart'
import type { Page, PageElement } from './page'

/** What the charts of a run are drawn from: plain numbers, as they stand in the page. */
export interface ChartRun {
  /** What it is drawn in: `--s0`, `--s1`, … of the page. */
  readonly color: number
  /** By the chart's name. */
  readonly charts: Readonly<Record<string, unknown>>
}

/**
 * Draws the report's charts. Its text is put into the page and runs there: it may use nothing from outside but its
 * arguments and the browser. Every chart element names what it shows (`data-chart`) and, where it shows one run, which
 * (`data-run`).
 */
export function drawCharts(
  echarts: typeof echartsModule,
  runs: readonly ChartRun[],
  overAll: CurvesData,
  kitOf: typeof chartKit,
  drawers: Readonly<Record<string, Pick<RunChart, 'draw' | 'crowded'>>>,
  page: Page,
): void {
  const { document } = page
  const dark = page.matchMedia('(prefers-color-scheme: dark)')
  const charts = new Map<PageElement, echartsModule.ECharts>()

  const draw = () => {
    for (const element of document.querySelectorAll('[data-chart]')) {
      // A chart in a hidden panel has no size yet; it is drawn when its panel is shown.
      if (element.clientWidth === 0) continue
      const { chart: name = '', run } = element.dataset
      const own = runs[Number(run ?? 0)]!
      const { draw: optionOf, crowded } = drawers[name]!
      const data = run === undefined ? overAll : own.charts[name]
      // Vectors print sharply; of very many marks a browser would make too many elements.
      const renderer = crowded?.(data) ? 'canvas' : 'svg'
      let chart = charts.get(element)
      if (!chart) {
        chart = echarts.init(element as never, null, { renderer })
        charts.set(element, chart)
        new page.ResizeObserver(() => element.clientWidth > 0 && charts.get(element)!.resize()).observe(element)
      }
      const extent = { width: element.clientWidth, height: element.clientHeight }
      chart.setOption(optionOf(data, kitOf(page, own.color), extent), true)
    }
  }

  const tabs = [...document.querySelectorAll('[role="tab"]')]
  const show = (chosen: PageElement) => {
    for (const tab of tabs) {
      tab.setAttribute('aria-selected', String(tab === chosen))
      tab.tabIndex = tab === chosen ? 0 : -1
      document.getElementById(tab.getAttribute('aria-controls')!)!.hidden = tab !== chosen
    }
    draw()
  }
  for (const [index, tab] of tabs.entries()) {
    tab.addEventListener('click', () => show(tab))
    tab.addEventListener('keydown', ({ key }) => {
      const step = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0
      if (step === 0) return
      const next = tabs[(index + step + tabs.length) % tabs.length]!
      next.focus()
      show(next)
    })
  }
  if (tabs[0]) show(tabs[0])
  draw()
  dark.addEventListener('change', draw)
  page.addEventListener('beforeprint', () => {
    draw()
    // With it, the style sheet can scale a picture to the paper.
    for (const picture of document.querySelectorAll('.chart svg'))
      picture.setAttribute('viewBox', `0 0 ${picture.getAttribute('width')} ${picture.getAttribute('height')}`)
  })
}
