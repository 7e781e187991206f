import type { ComparedRun, Comparison, Predictions } from '@pilotjs/eval'
import { compareRuns, isContest, otherReadings, readingTitle, spreadText } from '@pilotjs/eval'
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
 * The table at the end: a row for the seeds of one setting, mean ± standard deviation, the highest average first; the best of each column
 * is bold where every row stands on several seeds. On a terminal too narrow for it, plain columns with shorter heads.
 */
export function resultsTable(
  rows: readonly Comparison[],
  { colors: c, live, columns: room }: Pick<Terminal, 'colors' | 'live' | 'columns'>,
): string {
  const contest = isContest(rows)
  const top = {
    average: Math.max(...rows.map((row) => row.averageIncrementalAccuracy.mean)),
    last: Math.max(...rows.map((row) => row.lastAccuracy.mean)),
    forgetting: Math.min(...rows.map((row) => row.forgetting.mean)),
  }
  const mark = (text: string, isBest: boolean) => (isBest && contest ? c.bold(c.green(text)) : text)
  const others = otherReadings(rows.flatMap(({ runs }) => runs.map(({ summary }) => summary)))
  const seeds = rows.some(({ runs }) => runs.length > 1)
  const table = new Table({
    head: [
      'Method',
      ...(seeds ? ['Seeds'] : []),
      'Average incremental\naccuracy, %',
      'Last\naccuracy, %',
      ...others.map((name) => `Last,\n${readingTitle(name)}, %`),
      'Forgetting,\npoints',
      'Time',
      'Trainable\nparameters',
    ],
    colAligns: ['left', ...Array.from({ length: 5 + others.length + Number(seeds) }, () => 'right' as const)],
    style: { head: [], border: c.isColorSupported ? ['grey'] : [] },
  })
  const cells = rows.map((row) => [
    c.bold(oneLine(row.name)),
    ...(seeds ? [String(row.runs.length)] : []),
    mark(spreadText(row.averageIncrementalAccuracy), row.averageIncrementalAccuracy.mean === top.average),
    mark(spreadText(row.lastAccuracy), row.lastAccuracy.mean === top.last),
    ...others.map((name) => (row.readings[name] ? spreadText(row.readings[name]) : '–')),
    mark(spreadText(row.forgetting), row.forgetting.mean === top.forgetting),
    clock(row.seconds),
    row.trainableParameters.toLocaleString('en-US'),
  ])
  table.push(...cells)
  const text = table.toString()
  if (!live || text.split('\n').every((line) => stripped(line).length <= room)) return text
  const heads = [
    '',
    ...(seeds ? ['\nSeeds'] : []),
    'Average\n%',
    'Last\n%',
    ...others.map((name) => `Last,\n${readingTitle(name)}`),
    'Forgets\npoints',
    '\nTime',
    '\nTrained',
  ]
  return columns(heads, cells, ['left', ...heads.slice(1).map(() => 'right' as const)])
}
