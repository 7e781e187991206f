import type { RunChart } from './run-chart'

/** Of every epoch. */
interface Data {
  readonly epochs: readonly {
    readonly task: number
    readonly phase: string
    readonly epoch: number
    readonly loss: number
  }[]
}

export const losses: RunChart<Data> = {
  name: 'losses',
  card: 'costs',
  title: 'Loss',
  note: 'The mean of every epoch, all tasks one after the other.',
  size: () => ({ height: 240, width: 0 }),
  data: ({ records }) => {
    const epochs = records.flatMap(({ task, phases }) =>
      phases.flatMap(({ phase, losses: own }) => own.map((loss, epoch) => ({ task, phase, epoch, loss }))),
    )
    return epochs.length === 0 ? undefined : { epochs }
  },
  draw: ({ epochs }, { base, color, across, upwards, tooltip, escape, series }) => ({
    ...base,
    grid: { left: 58, right: 12, top: 12, bottom: 46 },
    tooltip: tooltip({
      trigger: 'axis',
      formatter: ([point]: { dataIndex: number; value: number }[]) => {
        const { task, phase, epoch } = epochs[point!.dataIndex]!
        return `task ${task + 1}, ${escape(phase)}, epoch ${epoch + 1}<br><b>${point!.value.toPrecision(4)}</b>`
      },
    }),
    xAxis: across('task', {
      data: epochs.map(({ task }) => String(task + 1)),
      axisLabel: {
        color: color('quiet'),
        fontSize: 11,
        interval: (index: number) => index === 0 || epochs[index]!.task !== epochs[index - 1]!.task,
      },
    }),
    yAxis: upwards('mean loss of an epoch', { scale: true }),
    series: [
      {
        type: 'line',
        data: epochs.map(({ loss }) => loss),
        color: series,
        symbolSize: 4,
        lineStyle: { width: 2 },
      },
    ],
  }),
}
