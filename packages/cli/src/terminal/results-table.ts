import type { RunMetrics } from '@pilotjs/eval/node'
import Table from 'cli-table3'
import { clock } from './marks'
import type { Terminal } from './terminal'

export interface Result {
  readonly name: string
  readonly metrics: RunMetrics
}

/** The table at the end: one row a run, the best of each column bold. */
export function resultsTable(results: readonly Result[], { colors: c }: Pick<Terminal, 'colors'>): string {
  const rows = results.flatMap(({ name, metrics: { summary, costs, complete } }) =>
    summary
      ? [
          {
            name: complete ? name : `${name} (${summary.tasks} tasks)`,
            summary,
            seconds: costs.reduce((sum, { learnSeconds, scoreSeconds }) => sum + learnSeconds + scoreSeconds, 0),
          },
        ]
      : [],
  )
  const best = (value: (row: (typeof rows)[number]) => number) => Math.max(...rows.map(value))
  const top = {
    average: best(({ summary }) => summary.averageIncrementalAccuracy),
    last: best(({ summary }) => summary.lastAccuracy),
    kept: best(({ summary }) => -summary.forgetting),
  }
  const mark = (text: string, isBest: boolean) => (isBest && rows.length > 1 ? c.bold(c.green(text)) : text)
  const nearest = rows.some(({ summary }) => summary.nearestMean)
  const table = new Table({
    head: [
      'Method',
      'Average incremental\naccuracy, %',
      'Last\naccuracy, %',
      ...(nearest ? ['Last, nearest\nmean, %'] : []),
      'Forgetting,\npoints',
      'Time',
      'Trainable\nparameters',
    ],
    colAligns: ['left', 'right', 'right', ...(nearest ? (['right'] as const) : []), 'right', 'right', 'right'],
    style: { head: [], border: c.isColorSupported ? ['grey'] : [] },
  })
  for (const { name, summary, seconds } of rows)
    table.push([
      c.bold(name),
      mark(summary.averageIncrementalAccuracy.toFixed(2), summary.averageIncrementalAccuracy === top.average),
      mark(summary.lastAccuracy.toFixed(2), summary.lastAccuracy === top.last),
      ...(nearest ? [summary.nearestMean?.lastAccuracy.toFixed(2) ?? '–'] : []),
      mark(summary.forgetting.toFixed(2), -summary.forgetting === top.kept),
      clock(seconds),
      summary.trainableParameters.toLocaleString('en-US'),
    ])
  return table.toString()
}
