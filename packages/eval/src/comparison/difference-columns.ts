import type { Comparison } from './compare-runs'
import type { Difference, PairedDifference } from './paired-differences'
import { differenceText, pairedDifferences } from './paired-differences'

/** Columns that tell how far every row is from the one it is compared with. */
export interface DifferenceColumns {
  readonly heads: readonly string[]
  /** The cells of a row. */
  cells(name: string): readonly string[]
}

/** For people: two columns, none where no row can be compared with another. */
export function differenceColumns(comparisons: readonly Comparison[]): DifferenceColumns {
  const pairs = pairedDifferences(comparisons)
  const [first] = pairs
  if (!first) return { heads: [], cells: () => [] }
  const of = byName(pairs)
  return {
    heads: [`Average to ${first.reference}, points`, `Last to ${first.reference}, points`],
    cells(name) {
      const pair = of.get(name)
      return pair ? [differenceText(pair.averageIncrementalAccuracy), differenceText(pair.lastAccuracy)] : ['–', '–']
    },
  }
}

/** For programs: always the same columns, a number a cell. */
export function differenceFields(comparisons: readonly Comparison[]): DifferenceColumns {
  const of = byName(pairedDifferences(comparisons))
  const ends = (name: string) => ['', '_low', '_high', '_over'].map((end) => `${name}_difference${end}`)
  const numbers = ({ mean, interval }: Difference) =>
    [mean, interval?.low ?? '', interval?.high ?? '', interval?.over ?? ''].map(String)
  const heads = ['compared_with', 'paired_seeds', ...ends('average_incremental_accuracy'), ...ends('last_accuracy')]
  return {
    heads,
    cells(name) {
      const pair = of.get(name)
      if (!pair) return heads.map(() => '')
      return [
        pair.reference,
        pair.seeds.join(' '),
        ...numbers(pair.averageIncrementalAccuracy),
        ...numbers(pair.lastAccuracy),
      ]
    },
  }
}

/** What a bracket behind a difference means, for below a table. */
export const differencesNote =
  'Differences are means over the seeds that both have; in brackets 95 % percentile intervals of a paired bootstrap (Efron & Tibshirani 1993), ' +
  'over seeds from three on, of the last accuracy also over test images where they are the same (Owen 2007).'

const byName = (pairs: readonly PairedDifference[]) => new Map(pairs.map((pair) => [pair.name, pair]))
