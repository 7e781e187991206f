import type * as echartsModule from 'echarts'
import type { ChartRun } from './chart-data'
import type { Page, PageElement } from './page'

type Option = echartsModule.EChartsCoreOption

/**
 * Draws the report's charts. Its text is put into the page and runs there: it may use nothing from outside but its
 * arguments and the browser. Every chart element names what it shows (`data-chart`) and, where it shows one run, which
 * (`data-run`).
 */
export function drawCharts(echarts: typeof echartsModule, runs: readonly ChartRun[], page: Page): void {
  const { document } = page
  const dark = page.matchMedia('(prefers-color-scheme: dark)')
  const calm = page.matchMedia('(prefers-reduced-motion: reduce)')
  const charts = new Map<PageElement, echartsModule.ECharts>()

  const color = (name: string) => page.getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
  const series = (run: ChartRun) => color(`s${run.color}`)
  const heat = () => [0, 1, 2, 3].map((step) => color(`heat${step}`))
  const escape = (text: string) => text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`)
  const hundredth = (value: number) => value.toFixed(2)

  const axis = (name: string, more: object = {}) => ({
    name,
    nameLocation: 'middle',
    nameTextStyle: { color: color('quiet'), fontSize: 12 },
    axisLabel: { color: color('quiet'), fontSize: 11 },
    axisLine: { lineStyle: { color: color('line') } },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: color('line'), type: 'dashed' } },
    ...more,
  })
  const across = (name: string, more: object = {}) =>
    axis(name, { type: 'category', nameGap: 28, splitLine: { show: false }, ...more })
  const upwards = (name: string, more: object = {}) =>
    axis(name, { type: 'value', nameGap: 40, axisLine: { show: false }, ...more })
  const tooltip = (more: object) => ({
    confine: true,
    backgroundColor: color('card'),
    borderColor: color('line'),
    textStyle: { color: color('ink'), fontSize: 13 },
    ...more,
  })
  const legend = (more: object = {}) => ({
    top: 0,
    left: 0,
    icon: 'roundRect',
    itemWidth: 14,
    itemHeight: 4,
    textStyle: { color: color('ink') },
    ...more,
  })
  /** Shows a line as it is drawn: solid and dashed ones can have a colour in common. */
  const lineLegend = (more: object = {}) => legend({ icon: undefined, itemWidth: 26, itemHeight: 8, ...more })
  const base = {
    aria: { enabled: true },
    animation: !calm.matches,
    animationDuration: 300,
    textStyle: { fontFamily: page.getComputedStyle(document.body).fontFamily },
  }

  const curves = (): Option => {
    const longest = runs.reduce((most, run) => (run.seen.length > most.seen.length ? run : most)).seen
    const lines = runs.flatMap((run) => {
      const line = (name: string, data: readonly number[], dash: boolean) => ({
        name,
        type: 'line',
        data: [...data],
        symbol: 'circle',
        symbolSize: 7,
        lineStyle: { width: 2.5, type: dash ? 'dashed' : 'solid' },
        color: series(run),
        emphasis: { focus: 'series' },
      })
      return [
        line(run.name, run.curve, false),
        ...run.others.map(({ reading, curve }) => line(`${run.name} (${reading})`, curve, true)),
      ]
    })
    return {
      ...base,
      grid: { left: 58, right: 16, top: 14, bottom: 46 },
      tooltip: tooltip({
        trigger: 'axis',
        order: 'valueDesc',
        valueFormatter: (value: number) => `${hundredth(value)} %`,
      }),
      xAxis: across('classes seen', { data: longest.map(String), boundaryGap: false }),
      yAxis: upwards('accuracy on all classes seen, %', { min: 0, max: 100 }),
      series: lines,
    }
  }

  const matrix = (run: ChartRun): Option => {
    const tasks = run.seen.map((_, task) => String(task + 1))
    return {
      ...base,
      grid: { left: 52, right: 12, top: 8, bottom: 74 },
      tooltip: tooltip({
        formatter: ({ value }: { value: number[] }) =>
          `after task ${value[1]! + 1}, images of task ${value[0]! + 1}<br><b>${hundredth(value[2]!)} %</b>`,
      }),
      xAxis: across('test images of task', { data: tasks, axisLine: { show: false } }),
      yAxis: across('after learning task', { data: tasks, inverse: true, nameGap: 30, axisLine: { show: false } }),
      visualMap: {
        min: 0,
        max: 100,
        orient: 'horizontal',
        left: 'center',
        bottom: 0,
        itemHeight: 150,
        itemWidth: 10,
        precision: 0,
        text: ['100 %', '0'],
        textStyle: { color: color('quiet') },
        inRange: { color: heat() },
      },
      series: [
        {
          type: 'heatmap',
          data: run.matrix.map(([tested, learned, percent]) => ({
            value: [tested, learned, percent],
            label: {
              color: dark.matches ? (percent > 75 ? '#0d1117' : '#e6ebf2') : percent > 45 ? '#ffffff' : '#18202b',
            },
          })),
          label: {
            show: tasks.length <= 12,
            fontSize: 11,
            formatter: ({ value }: { value: number[] }) => value[2]!.toFixed(0),
          },
          itemStyle: { borderColor: color('card'), borderWidth: 2, borderRadius: 4 },
        },
      ],
    }
  }

  const confusion = (run: ChartRun): Option => {
    const names = [...run.classNames]
    const most = run.confusion.reduce((sum, [, , images]) => Math.max(sum, images), 1)
    const many = names.length > 24
    return {
      ...base,
      grid: { left: many ? 30 : 96, right: 12, top: 8, bottom: many ? 74 : 120 },
      tooltip: tooltip({
        formatter: ({ value }: { value: number[] }) =>
          `${escape(names[value[1]!]!)} taken for ${escape(names[value[0]!]!)}<br><b>${value[2]} image${value[2] === 1 ? '' : 's'}</b>`,
      }),
      xAxis: across('predicted class', {
        data: names,
        nameGap: many ? 12 : 70,
        axisLine: { show: false },
        axisLabel: { show: !many, rotate: 60, color: color('quiet'), fontSize: 11 },
      }),
      yAxis: across('true class', {
        data: names,
        inverse: true,
        nameGap: many ? 12 : 78,
        axisLine: { show: false },
        axisLabel: { show: !many, color: color('quiet'), fontSize: 11 },
      }),
      visualMap: {
        min: 0,
        max: most,
        orient: 'horizontal',
        left: 'center',
        bottom: 0,
        itemHeight: 150,
        itemWidth: 10,
        precision: 0,
        text: [`${most} images`, '0'],
        textStyle: { color: color('quiet') },
        inRange: { color: heat() },
      },
      series: [{ type: 'heatmap', progressive: 0, animation: false, data: run.confusion.map((cell) => [...cell]) }],
    }
  }

  const classes = (run: ChartRun): Option => ({
    ...base,
    grid: { left: 58, right: 12, top: 12, bottom: 46 },
    tooltip: tooltip({
      trigger: 'axis',
      axisPointer: { type: 'shadow' },
      formatter: ([bar]: { dataIndex: number; value: number }[]) =>
        `${escape(run.classNames[bar!.dataIndex]!)}, task ${run.taskOfClass[bar!.dataIndex]! + 1}<br><b>${hundredth(bar!.value)} %</b>`,
    }),
    xAxis: across('class, in the order learned', {
      data: run.classNames.map((_, c) => String(c)),
      axisLabel: { color: color('quiet'), fontSize: 11 },
    }),
    yAxis: upwards('accuracy, %', { min: 0, max: 100 }),
    series: [
      {
        type: 'bar',
        barCategoryGap: '18%',
        data: run.perClass.map((value, c) => ({
          value,
          itemStyle: {
            color: series(run),
            opacity: run.taskOfClass[c]! % 2 ? 0.55 : 1,
            borderRadius: [2, 2, 0, 0],
          },
        })),
      },
    ],
  })

  const losses = (run: ChartRun): Option => ({
    ...base,
    grid: { left: 58, right: 12, top: 12, bottom: 46 },
    tooltip: tooltip({
      trigger: 'axis',
      formatter: ([point]: { dataIndex: number; value: number }[]) => {
        const { task, phase, epoch } = run.losses[point!.dataIndex]!
        return `task ${task + 1}, ${escape(phase)}, epoch ${epoch + 1}<br><b>${point!.value.toPrecision(4)}</b>`
      },
    }),
    xAxis: across('task', {
      data: run.losses.map(({ task }) => String(task + 1)),
      axisLabel: {
        color: color('quiet'),
        fontSize: 11,
        interval: (index: number) => index === 0 || run.losses[index]!.task !== run.losses[index - 1]!.task,
      },
    }),
    yAxis: upwards('mean loss of an epoch', { scale: true }),
    series: [
      {
        type: 'line',
        data: run.losses.map(({ loss }) => loss),
        color: series(run),
        symbolSize: 4,
        lineStyle: { width: 2 },
      },
    ],
  })

  const time = (run: ChartRun): Option => {
    const bars = (name: string, data: readonly number[], fill: string, opacity: number) => ({
      name,
      type: 'bar',
      stack: 'seconds',
      data: [...data],
      itemStyle: { color: fill, opacity },
      barMaxWidth: 42,
    })
    const own = series(run)
    return {
      ...base,
      grid: { left: 58, right: 12, top: 36, bottom: 46 },
      legend: legend(),
      tooltip: tooltip({
        trigger: 'axis',
        axisPointer: { type: 'shadow' },
        valueFormatter: (value: number) => `${hundredth(value)} s`,
      }),
      xAxis: across('task', { data: run.seen.map((_, task) => String(task + 1)) }),
      yAxis: upwards('seconds'),
      series: [bars('learning', run.learnSeconds, own, 1), bars('scoring', run.scoreSeconds, own, 0.45)],
    }
  }

  const memory = (run: ChartRun): Option => {
    const own = series(run)
    const line = (name: string, data: readonly (number | null)[], type: string) => ({
      name,
      type: 'line',
      data: [...data],
      color: own,
      symbolSize: 6,
      lineStyle: { width: 2.5, type },
    })
    return {
      ...base,
      grid: { left: 58, right: 12, top: 36, bottom: 46 },
      legend: lineLegend(),
      tooltip: tooltip({
        trigger: 'axis',
        valueFormatter: (value: number | null) => (value === null ? '–' : `${value.toFixed(1)} MiB`),
      }),
      xAxis: across('task', { data: run.seen.map((_, task) => String(task + 1)), boundaryGap: false }),
      yAxis: upwards('MiB'),
      series: [line('process (RSS)', run.rssMegabytes, 'solid'), line('tensors', run.tensorMegabytes, 'dashed')],
    }
  }

  const kinds: Record<string, (run: ChartRun) => Option> = { matrix, confusion, classes, losses, time, memory }

  const draw = () => {
    for (const element of document.querySelectorAll('[data-chart]')) {
      // A chart in a hidden panel has no size yet; it is drawn when its panel is shown.
      if (element.clientWidth === 0) continue
      const { chart: kind = '', run = '' } = element.dataset
      let chart = charts.get(element)
      if (!chart) {
        chart = echarts.init(element as never, null, { renderer: kind === 'confusion' ? 'canvas' : 'svg' })
        charts.set(element, chart)
        new page.ResizeObserver(() => element.clientWidth > 0 && charts.get(element)!.resize()).observe(element)
      }
      chart.setOption(kind === 'curves' ? curves() : kinds[kind]!(runs[Number(run)]!), true)
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
  page.addEventListener('beforeprint', draw)
}
