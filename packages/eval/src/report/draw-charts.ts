import type * as echartsModule from 'echarts'
import type { ChartRun } from './chart-data'
import type { GroupCurve } from './curve-groups'
import type { Page, PageElement } from './page'

type Option = echartsModule.EChartsCoreOption

/**
 * Draws the report's charts. Its text is put into the page and runs there: it may use nothing from outside but its
 * arguments and the browser. Every chart element names what it shows (`data-chart`) and, where it shows one run, which
 * (`data-run`).
 */
export function drawCharts(
  echarts: typeof echartsModule,
  runs: readonly ChartRun[],
  groups: readonly GroupCurve[],
  page: Page,
): void {
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

  interface Extent {
    readonly width: number
    readonly height: number
  }

  const curves = (): Option => {
    const longest = runs.reduce((most, run) => (run.seen.length > most.seen.length ? run : most)).seen
    const lines = groups.flatMap(({ name, color: own, other, mean, deviation }, index) => {
      const ink = color(`s${own}`)
      // A band is a line nobody sees at its lower edge, and its height stacked upon that.
      const edge = (data: readonly number[], opacity: number) => ({
        type: 'line',
        name: `${name}, band`,
        data: [...data],
        stack: `band ${index}`,
        stackStrategy: 'all',
        symbol: 'none',
        silent: true,
        lineStyle: { opacity: 0 },
        areaStyle: { color: ink, opacity },
        tooltip: { show: false },
      })
      return [
        ...(deviation
          ? [
              edge(
                mean.map((value, task) => value - deviation[task]!),
                0,
              ),
              edge(
                deviation.map((value) => 2 * value),
                0.16,
              ),
            ]
          : []),
        {
          id: `line ${index}`,
          name,
          type: 'line',
          data: [...mean],
          symbol: 'circle',
          symbolSize: 7,
          lineStyle: { width: 2.5, type: other ? 'dashed' : 'solid' },
          color: ink,
          emphasis: { focus: 'series' },
        },
      ]
    })
    interface Point {
      seriesId: string
      seriesName: string
      marker: string
      value: number
      dataIndex: number
      name: string
    }
    const pointText = ({ seriesId, seriesName, marker, value, dataIndex }: Point) => {
      const spread = groups[Number(seriesId.slice('line '.length))]!.deviation?.[dataIndex]
      const text = spread === undefined ? hundredth(value) : `${hundredth(value)} ± ${hundredth(spread)}`
      return `${marker}${escape(seriesName)} <b>${text} %</b>`
    }
    return {
      ...base,
      grid: { left: 58, right: 16, top: 14, bottom: 46 },
      tooltip: tooltip({
        trigger: 'axis',
        formatter: (points: Point[]) =>
          [
            `${points[0]!.name} classes`,
            ...points
              .filter(({ seriesId }) => seriesId.startsWith('line '))
              .sort((a, b) => b.value - a.value)
              .map(pointText),
          ].join('<br>'),
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

  /** Room that names take along an axis, in pixels, and how much of each fits. */
  const namesRoom = (names: readonly string[], most: number) =>
    Math.min(most, 16 + 6 * names.reduce((longest, name) => Math.max(longest, name.length), 0))
  /** Labels of classes: every name where there is room for a line of text each, else as many as fit. */
  const classLabels = (names: readonly string[], extent: number, room: number, more: object = {}) => ({
    color: color('quiet'),
    fontSize: extent / names.length < 12 ? 9 : 11,
    interval: extent / names.length >= 9 ? 0 : 'auto',
    width: room - 8,
    overflow: 'truncate',
    ...more,
  })

  const confusion = (run: ChartRun, { width, height }: Extent): Option => {
    const names = [...run.classNames]
    const most = run.confusion.reduce((sum, [, , images]) => Math.max(sum, images), 1)
    const room = namesRoom(names, 120)
    const bottom = room + 66
    return {
      ...base,
      grid: { left: room + 22, right: 12, top: 8, bottom },
      tooltip: tooltip({
        formatter: ({ value }: { value: number[] }) =>
          `${escape(names[value[1]!]!)} taken for ${escape(names[value[0]!]!)}<br><b>${value[2]} image${value[2] === 1 ? '' : 's'}</b>`,
      }),
      xAxis: across('predicted class', {
        data: names,
        nameGap: room,
        axisLine: { show: false },
        axisLabel: classLabels(names, width - room - 34, room, { rotate: 90 }),
      }),
      yAxis: across('true class', {
        data: names,
        inverse: true,
        nameGap: room,
        axisLine: { show: false },
        axisLabel: classLabels(names, height - bottom - 8, room),
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

  const classes = (run: ChartRun, { width }: Extent): Option => ({
    ...base,
    grid: { left: 58, right: 12, top: 12, bottom: namesRoom(run.classNames, 120) + 26 },
    tooltip: tooltip({
      trigger: 'axis',
      axisPointer: { type: 'shadow' },
      formatter: ([bar]: { dataIndex: number; value: number }[]) =>
        `${escape(run.classNames[bar!.dataIndex]!)}, task ${run.taskOfClass[bar!.dataIndex]! + 1}<br><b>${hundredth(bar!.value)} %</b>`,
    }),
    xAxis: across('class, in the order learned', {
      data: [...run.classNames],
      nameGap: namesRoom(run.classNames, 120) + 4,
      axisLabel: classLabels(run.classNames, width - 70, namesRoom(run.classNames, 120), { rotate: 90 }),
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

  const kinds: Record<string, (run: ChartRun, extent: Extent) => Option> = {
    matrix,
    confusion,
    classes,
    losses,
    time,
    memory,
  }

  const draw = () => {
    for (const element of document.querySelectorAll('[data-chart]')) {
      // A chart in a hidden panel has no size yet; it is drawn when its panel is shown.
      if (element.clientWidth === 0) continue
      const { chart: kind = '', run = '' } = element.dataset
      const extent = { width: element.clientWidth, height: element.clientHeight }
      // Vectors print sharply; of very many cells a browser would make too many elements.
      const many = kind === 'confusion' && runs[Number(run)]!.confusion.length > 5000
      let chart = charts.get(element)
      if (!chart) {
        chart = echarts.init(element as never, null, { renderer: many ? 'canvas' : 'svg' })
        charts.set(element, chart)
        new page.ResizeObserver(() => element.clientWidth > 0 && charts.get(element)!.resize()).observe(element)
      }
      chart.setOption(kind === 'curves' ? curves() : kinds[kind]!(runs[Number(run)]!, extent), true)
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
