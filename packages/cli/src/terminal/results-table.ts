import type { ComparedRun, Comparison, Predictions } from '@pilotjs/eval'
import { compareRuns, measureColumns } from '@pilotjs/eval'
import type { RunConfig, RunMetrics } from '@pilotjs/experiment'
import Table from 'cli-table3'
import { columns } from './columns'
import { oneLine } from './harmless'
import { clock, counted, stripped } from './marks'
import type { Terminal } from './terminal'

export interface Result {
  readonly name: string
  readonly path: string
  readonly config: RunConfig
  readonly metrics: RunMetrics
  /** What it said of every test image after its last task, where that was read. */
  readonly predictions?: Predictions
}

/** A run that is compared, and where it lies. */
export interface FinishedRun extends ComparedRun {
  readonly path: string
}

/** Results that have a figure, seeds of one setting together, the highest average first. */
export const comparisonsOf = (results: readonly Result[]): Comparison<FinishedRun>[] =>
  compareRuns(
    results.flatMap(({ name, path, config, predictions, metrics: { summary, costs, complete } }) =>
      summary
        ? [
            {
              name: complete ? name : `${name} (${counted(summary.tasks, 'task')})`,
              path,
              config,
              complete,
              summary,
              predictions: () => predictions,
              seconds: costs.reduce((sum, { learnSeconds, scoreSeconds }) => sum + learnSeconds + scoreSeconds, 0),
            },
          ]
        : [],
    ),
  )

/**
 * The table at the end: a row for the seeds of one setting, mean ± standard deviation, the highest average first; the best of
 * each column is bold where every row stands on several seeds. On a terminal too narrow for it, plain columns with shorter heads.
 */
export function resultsTable(
  rows: readonly Comparison[],
  { colors: c, live, columns: room }: Pick<Terminal, 'colors' | 'live' | 'columns'>,
): string {
  const measures = measureColumns(rows, ['everywhere'])
  const seeds = rows.some(({ runs }) => runs.length > 1)
  const table = new Table({
    head: [
      'Method',
      ...(seeds ? ['Seeds'] : []),
      ...measures.map(({ lines, measure }) => `${lines.join('\n')}, ${measure.unit}`),
      'Time',
      'Trainable\nparameters',
    ],
    colAligns: ['left', ...Array.from({ length: 2 + measures.length + Number(seeds) }, () => 'right' as const)],
    style: { head: [], border: c.isColorSupported ? ['grey'] : [] },
  })
  const cells = rows.map((row) => [
    c.bold(oneLine(row.name)),
    ...(seeds ? [String(row.runs.length)] : []),
    ...measures.map((column) => (column.isBest(row) ? c.bold(c.green(column.text(row))) : column.text(row))),
    clock(row.seconds),
    row.trainableParameters.toLocaleString('en-US'),
  ])
  table.push(...cells)
  const text = table.toString()
  if (!live || text.split('\n').every((line) => stripped(line).length <= room)) return text
  const heads = [
    '',
    ...(seeds ? ['\nSeeds'] : []),
    ...measures.map(({ measure, reading, lines }) =>
      reading === undefined ? `${measure.short}\n${measure.unit}` : lines.join('\n'),
    ),
    '\nTime',
    '\nTrained',
  ]
  return columns(heads, cells, ['left', ...heads.slice(1).map(() => 'right' as const)])
}
