import { init } from 'echarts'
import type { Growth } from './suites/growth'

/** Time and memory of every task as one picture (SVG), a line a method. */
export function growthChart(title: string, found: readonly Growth[]): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: 980, height: 400 })
  const panel = (index: number, name: string) => ({
    grid: { left: index === 0 ? 60 : 550, top: 70, width: 400, height: 270 },
    xAxis: {
      gridIndex: index,
      type: 'value' as const,
      name: 'task',
      nameLocation: 'middle' as const,
      nameGap: 26,
      min: 1,
    },
    yAxis: { gridIndex: index, type: 'value' as const, name },
  })
  const panels = [panel(0, 'learning, CPU ms'), panel(1, 'memory, MB (RSS)')]
  const line = (index: number, growth: Growth, read: (task: Growth['tasks'][number]) => number) => ({
    name: growth.name,
    type: 'line' as const,
    xAxisIndex: index,
    yAxisIndex: index,
    showSymbol: false,
    data: growth.tasks.map((task, i) => [i + 1, read(task)]),
  })
  chart.setOption({
    animation: false,
    backgroundColor: '#fff',
    title: { text: title, left: 10 },
    legend: { top: 30, left: 10 },
    grid: panels.map(({ grid }) => grid),
    xAxis: panels.map(({ xAxis }) => xAxis),
    yAxis: panels.map(({ yAxis }) => yAxis),
    series: found.flatMap((growth) => [
      line(0, growth, ({ learn }) => learn),
      line(1, growth, ({ residentBytes }) => Math.round(residentBytes / 2 ** 20)),
    ]),
  })
  const picture = chart.renderToSVGString()
  chart.dispose()
  return picture
}
