import type { Measure } from '../metrics/index'
import { measures } from '../metrics/index'
import { otherReadings, readingTitle } from '../protocol/other-readings'
import type { Comparison } from './compare-runs'
import { isContest } from './compare-runs'
import type { Spread } from './spread'
import { spreadText } from './spread'

/** A measure as a column of a table; of the last accuracy also one for each of the learners' other readings. */
export interface MeasureColumn {
  readonly measure: Measure
  /** The other reading that it is of. */
  readonly reading?: string
  /** `Last accuracy`, `Last accuracy, nearest mean` */
  readonly title: string
  /** The title in two lines, where there is something to break. */
  readonly lines: readonly [string] | readonly [string, string]
  /** Undefined where not every run of the row has it. */
  spread(row: Comparison): Spread | undefined
  /** The cell: `83.25 ± 0.41`, or a dash. */
  text(row: Comparison): string
  /** Whether one may call the row the best of this column: every row stands on several seeds. */
  isBest(row: Comparison): boolean
}

/**
 * The columns of a table, in the order of `measures`.
 * @param shown what a measure must be shown in to have one; in tables for people it must also be known of some row
 */
export function measureColumns(rows: readonly Comparison[], shown: readonly Measure['shown'][]): MeasureColumn[] {
  const contest = isContest(rows)
  const others = otherReadings(rows.flatMap(({ runs }) => runs.map(({ summary }) => summary)))
  const column = (measure: Measure): MeasureColumn => {
    const spread = (row: Comparison) => row.measures[measure.name]
    const means = rows.flatMap((row) => spread(row)?.mean ?? [])
    const best = measure.better === 'higher' ? Math.max(...means) : Math.min(...means)
    return {
      measure,
      title: measure.title,
      lines: twoLines(measure.title),
      spread,
      text: (row) => textOf(spread(row), measure),
      isBest: (row) => contest && spread(row)?.mean === best,
    }
  }
  const ofReading = (measure: Measure, reading: string): MeasureColumn => ({
    measure,
    reading,
    title: `${measure.title}, ${readingTitle(reading)}`,
    lines: [`${measure.short},`, readingTitle(reading)],
    spread: (row) => row.readings[reading],
    text: (row) => textOf(row.readings[reading], measure),
    isBest: () => false,
  })
  return (measures as readonly Measure[])
    .filter((measure) => shown.includes(measure.shown))
    .filter((measure) => shown.includes('files') || rows.some((row) => row.measures[measure.name]))
    .flatMap((measure) => [
      column(measure),
      ...(measure.name === 'lastAccuracy' ? others.map((reading) => ofReading(measure, reading)) : []),
    ])
}

const textOf = (spread: Spread | undefined, { format }: Measure) => (spread ? spreadText(spread, format) : '–')

function twoLines(title: string): [string] | [string, string] {
  const at = title.lastIndexOf(' ')
  return at < 0 ? [title] : [title.slice(0, at), title.slice(at + 1)]
}
