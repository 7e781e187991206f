import type { Comparison } from '@pilotjs/eval'
import { differenceText, differencesNote, pairedDifferences } from '@pilotjs/eval'
import { columns } from './columns'
import { oneLine } from './harmless'
import { counted } from './marks'
import type { Terminal } from './terminal'

/** How far the rows are from the one with the highest average, seed by seed; nothing where no two can be compared so. */
export function differencesTable(
  rows: readonly Comparison[],
  { colors: c }: Pick<Terminal, 'colors'>,
): string | undefined {
  const pairs = pairedDifferences(rows)
  if (pairs.length === 0) return undefined
  const heads = [`to ${oneLine(pairs[0]!.reference)}`, 'seeds', 'average incremental', 'last', 'interval over']
  const table = columns(
    heads.map((head) => c.dim(head)),
    pairs.map(({ name, seeds, averageIncrementalAccuracy, lastAccuracy }) => [
      oneLine(name),
      String(seeds.length),
      differenceText(averageIncrementalAccuracy),
      differenceText(lastAccuracy),
      lastAccuracy.interval?.over ?? '–',
    ]),
  )
  const single = pairs.some(({ seeds }) => seeds.length === 1)
  return [
    'Differences in percent points:',
    table,
    c.dim(differencesNote),
    ...(single ? [c.dim(`An interval of ${counted(1, 'seed')} says nothing of other seeds.`)] : []),
  ].join('\n')
}
