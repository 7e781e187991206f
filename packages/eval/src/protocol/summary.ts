import type { AccuracyHistory, Figures, HouseMeasures, Measure } from '../metrics/index'
import { measures } from '../metrics/index'
import { figuresOf } from '../metrics/measures'
import type { ReadingRecord, TaskRecord } from './record'

/** What a reading reached over the tasks learned so far, and the field's measures of it; percent or percent points, unrounded. */
export type Measures<List extends readonly Measure[] = HouseMeasures> = Omit<AccuracyHistory, 'classes'> & Figures<List>

interface SummaryFacts<List extends readonly Measure[]> {
  readonly tasks: number
  readonly classes: number
  /** The most that one phase of one task trained. */
  readonly trainableParameters: number
  /** The measures of every reading by its name; the first are those above. */
  readonly readings: Readonly<Record<string, Measures<List>>>
}

export type Summary<List extends readonly Measure[] = HouseMeasures> = Measures<List> & SummaryFacts<List>

/**
 * @param list what to measure: those of the house, or yours as well: `[...measures, mine]`
 * @throws RangeError for a run that has not learned a task yet
 */
export function summarize<const List extends readonly Measure[] = HouseMeasures>(
  records: readonly TaskRecord[],
  list: List = measures as unknown as List,
): Summary<List> {
  const last = records.at(-1)
  if (!last) throw new RangeError('no task was learned yet: there is nothing to summarize')
  const readings = Object.fromEntries(
    Object.keys(last.readings)
      // A reading that came up on the way has no measures over all tasks.
      .filter((name) => records.every((record) => name in record.readings))
      .map((name) => [
        name,
        measure(
          records.map((record) => record.readings[name]!),
          { classes: last.classesAfter, online: onlineOf(records, name) },
          list,
        ),
      ]),
  )
  const facts: SummaryFacts<List> = {
    tasks: records.length,
    classes: last.classesAfter,
    trainableParameters: Math.max(...records.map(({ trainableParameters }) => trainableParameters)),
    readings,
  }
  return { ...Object.values(readings)[0]!, ...facts }
}

function measure<List extends readonly Measure[]>(
  readings: readonly ReadingRecord[],
  known: Pick<AccuracyHistory, 'classes' | 'online'>,
  list: List,
): Measures<List> {
  const curve = readings.map(({ top1 }) => top1)
  const accuracyMatrix = readings.map(({ byTask }) => byTask.slice(0, readings.length))
  return { curve, accuracyMatrix, ...figuresOf(list, { curve, accuracyMatrix, ...known }) }
}

/**
 * Which session each task of an online stream belongs to, and how many test images it has of its own; undefined of other streams.
 */
function onlineOf(records: readonly TaskRecord[], reading: string): AccuracyHistory['online'] {
  const sessions = records.flatMap(({ session }) => (session === undefined ? [] : [session]))
  if (sessions.length < records.length) return undefined
  // A record counts the test images of all tasks so far.
  const testImages = records.map(({ testImages: all }, task) => all - (records[task - 1]?.testImages ?? 0))
  const cumulative = records.flatMap(({ readings }) => {
    const own = readings[reading]!.cumulative
    return own ? [own] : []
  })
  return { sessions, testImages, ...(cumulative.length === records.length ? { cumulative } : {}) }
}
