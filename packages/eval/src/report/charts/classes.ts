import type { RunChart } from './run-chart'
import { shorter } from './run-chart'

interface Data {
  readonly classNames: readonly string[]
  readonly perClass: readonly (number | null)[]
  /** The task that brought each class. */
  readonly taskOfClass: readonly number[]
}

export const classes: RunChart<Data> = {
  name: 'classes',
  card: 'classes',
  title: 'Every class',
  note: 'Accuracy after the last task, in the order learned; shades alternate from task to task.',
  size: (run) => ({ height: 320, width: 10 * run.perClass.length + 70 }),
  data: ({ records, perClass, last }) => ({
    classNames: last.classNames.slice(0, perClass.length),
    perClass: perClass.map((value) => (value === null ? null : shorter(value))),
    taskOfClass: perClass.map((_, c) => records.findIndex((record) => record.classes.includes(c))),
  }),
  draw: (
    { classNames, perClass, taskOfClass },
    { base, across, upwards, tooltip, escape, hundredth, namesRoom, classLabels, series },
    { width },
  ) => ({
    ...base,
    grid: { left: 58, right: 12, top: 12, bottom: namesRoom(classNames, 120) + 26 },
    tooltip: tooltip({
      trigger: 'axis',
      axisPointer: { type: 'shadow' },
      formatter: ([bar]: { dataIndex: number; value: number }[]) =>
        `${escape(classNames[bar!.dataIndex]!)}, task ${taskOfClass[bar!.dataIndex]! + 1}<br><b>${hundredth(bar!.value)} %</b>`,
    }),
    xAxis: across('class, in the order learned', {
      data: [...classNames],
      nameGap: namesRoom(classNames, 120) + 4,
      axisLabel: classLabels(classNames, width - 70, namesRoom(classNames, 120), { rotate: 90 }),
    }),
    yAxis: upwards('accuracy, %', { min: 0, max: 100 }),
    series: [
      {
        type: 'bar',
        barCategoryGap: '18%',
        data: perClass.map((value, c) => ({
          value,
          itemStyle: {
            color: series,
            opacity: taskOfClass[c]! % 2 ? 0.55 : 1,
            borderRadius: [2, 2, 0, 0],
          },
        })),
      },
    ],
  }),
}
