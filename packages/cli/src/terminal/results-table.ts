import { otherReadings, readingTitle } from '@pilotjs/eval'
import type { RunMetrics } from '@pilotjs/experiment'
import Table from 'cli-table3'
import { columns } from './columns'
import { clock, counted, stripped } from './marks'
import type { Terminal } from './terminal'

export interface Result {
  readonly name: string
  readonly metrics: RunMetrics
}

/** The table at the end: one row a run, the best of each column bold. On a terminal too narrow for it, plain columns with shorter heads. */
export function resultsTable(
  results: readonly Result[],
  { colors: c, live, columns: room }: Pick<Terminal, 'colors' | 'live' | 'columns'>,
): string {
  const rows = results.flatMap(({ name, metrics: { summary, costs, complete } }) =>
    summary
      ? [
          {
            name: complete ? name : `${name} (${counted(summary.tasks, 'task')})`,
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
  const others = otherReadings(rows.map(({ summary }) => summary))
  const align = ['left' as const, ...Array.from({ length: 5 + others.length }, () => 'right' as const)]
  const table = new Table({
    head: [
      'Method',
      'Average incremental\naccuracy, %',
      'Last\naccuracy, %',
      ...others.map((name) => `Last,\n${readingTitle(name)}, %`),
      'Forgetting,\npoints',
      'Time',
      'Trainable\nparameters',
    ],
    colAligns: align,
    style: { head: [], border: c.isColorSupported ? ['grey'] : [] },
  })
  const cells = rows.map(({ name, summary, seconds }) => [
    c.bold(name),
    mark(summary.averageIncrementalAccuracy.toFixed(2), summary.averageIncrementalAccuracy === top.average),
    mark(summary.lastAccuracy.toFixed(2), summary.lastAccuracy === top.last),
    ...others.map((name) => summary.readings[name]?.lastAccuracy.toFixed(2) ?? '–'),
    mark(summary.forgetting.toFixed(2), -summary.forgetting === top.kept),
    clock(seconds),
    summary.trainableParameters.toLocaleString('en-US'),
  ])
  table.push(...cells)
  const text = table.toString()
  if (!live || text.split('\n').every((line) => stripped(line).length <= room)) return text
  const heads = [
    '',
    'Average\n%',
    'Last\n%',
    ...others.map((name) => `Last,\n${readingTitle(name)}`),
    'Forgets\npoints',
    '\nTime',
    '\nTrained',
  ]
  return columns(heads, cells, align)
}
