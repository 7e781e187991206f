import type { EChartsCoreOption } from 'echarts'
import type { ReportRun } from '../report-run'
import type { ChartKit } from './chart-kit'

/** Room that a chart has, in pixels. */
export interface Extent {
  readonly width: number
  readonly height: number
}

/** A chart about one run: what it is called, what it is drawn from, and how. */
export interface RunChart<Data = unknown> {
  readonly name: string
  /** The card of a run's panel that it stands in. */
  readonly card: 'tasks' | 'classes' | 'costs'
  readonly title: string
  /** What one sees in it, in a sentence or two. */
  readonly note: string
  /** Height; and the least width it needs, in a row of its own, beyond which one scrolls. Absent: it stands beside another. */
  size(run: ReportRun): { readonly height: number; readonly width?: number }
  /** The numbers it is drawn from, as they stand in the page; undefined where the run has none and the chart is left out. */
  data(run: ReportRun): Data | undefined
  /** ECharts' option. Its text is put into the page and runs there: an arrow function that uses nothing but its arguments. */
  draw(data: Data, kit: ChartKit, extent: Extent): EChartsCoreOption
  /** Whether there are so many marks that a canvas draws them faster than vectors. */
  crowded?(data: Data): boolean
}

/** Two decimals are all that a chart shows. */
export const shorter = (value: number) => Math.round(value * 100) / 100

/** So many classes need a page's width to be told by name. */
export const manyClasses = ({ perClass }: ReportRun) => perClass.length > 24
