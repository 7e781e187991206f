import type { EChartsCoreOption } from 'echarts'
import type { GroupCurve } from '../curve-groups'
import type { ChartKit } from './chart-kit'

/** What the chart over all runs is drawn from. */
export interface CurvesData {
  /** Classes seen after each task, of the longest run. */
  readonly seen: readonly number[]
  readonly groups: readonly GroupCurve[]
}

/** Accuracy by task, a line a setting. Its text is put into the page, as those of the charts of a run. */
export const drawCurves = (
  { seen, groups }: CurvesData,
  { base, color, across, upwards, tooltip, escape, hundredth }: ChartKit,
): EChartsCoreOption => {
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
    xAxis: across('classes seen', { data: seen.map(String), boundaryGap: false }),
    yAxis: upwards('accuracy on all classes seen, %', { min: 0, max: 100 }),
    series: lines,
  }
}
