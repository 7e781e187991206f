import type { RunChart } from './run-chart'
import { shorter } from './run-chart'

interface Data {
  readonly tasks: number
  /** Tested task, learned task, percent. */
  readonly cells: readonly (readonly [number, number, number])[]
}

export const matrix: RunChart<Data> = {
  name: 'matrix',
  card: 'tasks',
  title: 'Accuracy matrix',
  note: 'Each row is one moment: accuracy, in percent, on every task learned by then. A column that fades downwards is a task being forgotten.',
  size: () => ({ height: 430 }),
  data: ({ records, summary }) => ({
    tasks: records.length,
    cells: summary.accuracyMatrix.flatMap((row, learned) =>
      row.flatMap((value, tested) => (value === null ? [] : [[tested, learned, shorter(value)] as const])),
    ),
  }),
  draw: ({ tasks: count, cells }, { base, color, across, tooltip, hundredth, heatScale, dark }) => {
    const tasks = Array.from({ length: count }, (_, task) => String(task + 1))
    return {
      ...base,
      grid: { left: 52, right: 12, top: 8, bottom: 74 },
      tooltip: tooltip({
        formatter: ({ value }: { value: number[] }) =>
          `after task ${value[1]! + 1}, images of task ${value[0]! + 1}<br><b>${hundredth(value[2]!)} %</b>`,
      }),
      xAxis: across('test images of task', { data: tasks, axisLine: { show: false } }),
      yAxis: across('after learning task', { data: tasks, inverse: true, nameGap: 30, axisLine: { show: false } }),
      visualMap: heatScale(100, '100 %'),
      series: [
        {
          type: 'heatmap',
          data: cells.map(([tested, learned, percent]) => ({
            value: [tested, learned, percent],
            label: {
              color: dark ? (percent > 75 ? '#0d1117' : '#e6ebf2') : percent > 45 ? '#ffffff' : '#18202b',
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
  },
}
