import type { RunChart } from './run-chart'
import { shorter } from './run-chart'

/** Seconds of every task. */
interface Data {
  readonly learning: readonly number[]
  readonly scoring: readonly number[]
}

export const time: RunChart<Data> = {
  name: 'time',
  card: 'costs',
  title: 'Time',
  note: 'Seconds for learning each task and for scoring the test images of all tasks so far.',
  size: () => ({ height: 280 }),
  data: ({ costs }) => ({
    learning: costs.map(({ learnSeconds }) => shorter(learnSeconds)),
    scoring: costs.map(({ scoreSeconds }) => shorter(scoreSeconds)),
  }),
  draw: ({ learning, scoring }, { base, across, upwards, tooltip, legend, hundredth, series }) => {
    const bars = (name: string, data: readonly number[], fill: string, opacity: number) => ({
      name,
      type: 'bar',
      stack: 'seconds',
      data: [...data],
      itemStyle: { color: fill, opacity },
      barMaxWidth: 42,
    })
    return {
      ...base,
      grid: { left: 58, right: 12, top: 36, bottom: 46 },
      legend: legend(),
      tooltip: tooltip({
        trigger: 'axis',
        axisPointer: { type: 'shadow' },
        valueFormatter: (value: number) => `${hundredth(value)} s`,
      }),
      xAxis: across('task', { data: learning.map((_, task) => String(task + 1)) }),
      yAxis: upwards('seconds'),
      series: [bars('learning', learning, series, 1), bars('scoring', scoring, series, 0.45)],
    }
  },
}
