import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { renderReport } from '../render-report'
import type { ReportRun } from '../report-run'
import { runCharts } from './index'

/** A run of two tasks, two classes each. */
const run = {
  name: 'l2p',
  group: 'l2p',
  color: 0,
  path: '/runs/l2p',
  config: {
    method: 'l2p',
    data: { name: 'icons' },
    backbone: 'vit-icons',
    stream: { scenario: 'class-incremental', baseClasses: 2, increment: 2 },
    seed: 1,
    engine: 'cpu',
  },
  complete: true,
  records: [0, 1].map((task) => ({
    task,
    classes: [2 * task, 2 * task + 1],
    classesAfter: 2 * task + 2,
    phases: [{ phase: 'train', trainableParameters: 1, losses: [0.5, 0.25] }],
    readings: { head: { byTask: [90, null] } },
  })),
  costs: [0, 1].map(() => ({ learnSeconds: 1.234, scoreSeconds: 0.5, tensorBytes: 2 ** 20 })),
  summary: {
    tasks: 2,
    curve: [90, 62.5],
    accuracyMatrix: [
      [90, null],
      [50, 75],
    ],
    averageIncrementalAccuracy: 76.25,
    lastAccuracy: 62.5,
    forgetting: 40,
    backwardTransfer: -40,
    learningAccuracy: 82.5,
    forwardTransfer: null,
    trainableParameters: 1,
    readings: {},
  },
  last: { classNames: ['cat', '<b>', 'dog', 'cow'], mistakes: [], predictions: { keys: [], labels: [], readings: {} } },
  predictions: () => ({ keys: [], labels: [], readings: {} }),
  confusion: [
    [2, 0, 0, 0],
    [0, 1, 1, 0],
    [0, 0, 2, 0],
    [0, 0, 0, 2],
  ],
  perClass: [100, 50, 100, 100],
  seconds: 3,
} as unknown as ReportRun

/** What a browser would be told to draw: the page's own script, run with nothing around it but a page's window. */
function drawn(page: string, dark = false): Record<string, { series: { data: unknown[] }[] }> {
  const [, script] = /<script>\s*(;\(function drawCharts[^]*?)<\/script>/.exec(page)!
  const options: Record<string, never> = {}
  const text = (id: string) => new RegExp(`id="${id}">([^]*?)</script>`).exec(page)![1]
  const elements = [...page.matchAll(/data-chart="(\w+)"(?:\s+data-run="(\d+)")?/g)].map(([, chart, of]) => ({
    dataset: { chart, run: of },
    clientWidth: 600,
    clientHeight: 300,
  }))
  const document = {
    documentElement: {},
    body: {},
    querySelectorAll: (selector: string) => (selector === '[data-chart]' ? elements : []),
    getElementById: (id: string) => ({ textContent: text(id) }),
  }
  const window = {
    document,
    ResizeObserver: class {
      observe = () => undefined
    },
    matchMedia: (query: string) => ({ matches: dark && query.includes('dark'), addEventListener: () => undefined }),
    getComputedStyle: () => ({ fontFamily: 'sans', getPropertyValue: (name: string) => `colour of ${name}` }),
    addEventListener: () => undefined,
  }
  const echarts = {
    init: (element: (typeof elements)[0]) => ({ setOption: (o: never) => (options[element.dataset.chart!] = o) }),
  }
  runInNewContext(script!, { echarts, document, window })
  return JSON.parse(JSON.stringify(options)) as never
}

it('draws every chart in the page, with nothing but what stands in the page', () => {
  const options = drawn(renderReport([run], { echarts: '', made: new Date(0) }))
  expect(Object.keys(options).sort()).toEqual(['curves', ...runCharts.map(({ name }) => name)].sort())
  expect(options.curves!.series[0]!.data).toEqual([90, 62.5])
  expect(options.matrix!.series[0]!.data).toHaveLength(3)
  expect(options.confusion!.series[0]!.data).toContainEqual([2, 1, 1])
  expect(options.time!.series.map(({ data }) => data)).toEqual([
    [1.23, 1.23],
    [0.5, 0.5],
  ])
  expect(options.losses!.series[0]!.data).toEqual([0.5, 0.25, 0.5, 0.25])
  expect(options.memory!.series[1]!.data).toEqual([1, 1])
  expect(options.classes!.series[0]!.data).toHaveLength(4)
  expect(JSON.stringify(options)).not.toContain('colour of --undefined')
})

it('leaves out the chart of a run that has no numbers for it', () => {
  const still = { ...run, records: run.records.map((record) => ({ ...record, phases: [] })) }
  const page = renderReport([still], { echarts: '', made: new Date(0) })
  expect(page).not.toContain('data-chart="losses"')
  expect(drawn(page)).not.toHaveProperty('losses')
})
