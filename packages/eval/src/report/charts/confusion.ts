import type { RunChart } from './run-chart'
import { manyClasses } from './run-chart'

interface Data {
  readonly classNames: readonly string[]
  /** What is not zero: predicted class, true class, images. */
  readonly cells: readonly (readonly [number, number, number])[]
}

export const confusion: RunChart<Data> = {
  name: 'confusion',
  card: 'tasks',
  title: 'Confusion',
  note: 'After the last task: true classes downwards, predictions across. What lies off the diagonal is wrong.',
  size: (run) => {
    const classes = run.perClass.length
    return manyClasses(run) ? { height: Math.min(1400, 9 * classes + 190), width: 9 * classes + 150 } : { height: 460 }
  },
  data: ({ confusion: counts, perClass, last }) => ({
    classNames: last.classNames.slice(0, perClass.length),
    cells: counts.flatMap((row, label) =>
      row.flatMap((images, predicted) => (images === 0 ? [] : [[predicted, label, images] as const])),
    ),
  }),
  crowded: ({ cells }) => cells.length > 5000,
  draw: (
    { classNames, cells },
    { base, across, tooltip, escape, namesRoom, classLabels, heatScale },
    { width, height },
  ) => {
    const names = [...classNames]
    const most = cells.reduce((sum, [, , images]) => Math.max(sum, images), 1)
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
      visualMap: heatScale(most, `${most} images`),
      series: [{ type: 'heatmap', progressive: 0, animation: false, data: cells.map((cell) => [...cell]) }],
    }
  },
}
