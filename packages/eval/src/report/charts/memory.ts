import type { RunChart } from './run-chart'
import { shorter } from './run-chart'

/** MiB, after each task. */
interface Data {
  readonly tensors: readonly number[]
  readonly process: readonly (number | null)[]
}

const MIB = 2 ** 20

export const memory: RunChart<Data> = {
  name: 'memory',
  card: 'costs',
  title: 'Memory',
  note: 'After each task. A flat line means that nothing piles up.',
  size: () => ({ height: 280 }),
  data: ({ costs }) => ({
    tensors: costs.map(({ tensorBytes }) => shorter(tensorBytes / MIB)),
    process: costs.map(({ rssBytes }) => (rssBytes === undefined ? null : shorter(rssBytes / MIB))),
  }),
  draw: ({ tensors, process }, { base, across, upwards, tooltip, lineLegend, series }) => {
    const line = (name: string, data: readonly (number | null)[], type: string) => ({
      name,
      type: 'line',
      data: [...data],
      color: series,
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
      xAxis: across('task', { data: tensors.map((_, task) => String(task + 1)), boundaryGap: false }),
      yAxis: upwards('MiB'),
      series: [line('process (RSS)', process, 'solid'), line('tensors', tensors, 'dashed')],
    }
  },
}
