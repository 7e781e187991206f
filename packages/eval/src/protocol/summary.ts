import type { AccuracyMatrix } from '../metrics/index'
import {
  averageIncrementalAccuracy,
  backwardTransfer,
  forgetting,
  forwardTransfer,
  lastAccuracy,
} from '../metrics/index'
import type { ReadingRecord, TaskRecord } from './record'

/** The field's measures over the tasks learned so far; percent or percent points, unrounded. */
export interface Measures {
  /** Accuracy on all classes seen, after each task. */
  readonly curve: readonly number[]
  readonly accuracyMatrix: AccuracyMatrix
  readonly averageIncrementalAccuracy: number
  readonly lastAccuracy: number
  readonly forgetting: number
  readonly backwardTransfer: number
  /** Against chance; null where the tasks to come cannot be scored, as in class-incremental streams. */
  readonly forwardTransfer: number | null
}

export interface Summary extends Measures {
  readonly tasks: number
  readonly classes: number
  /** The most that one phase of one task trained. */
  readonly trainableParameters: number
  /** The measures of every reading by its name; the first are those above. */
  readonly readings: Readonly<Record<string, Measures>>
}

/** @throws RangeError for a run that has not learned a task yet */
export function summarize(records: readonly TaskRecord[]): Summary {
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
          last.classesAfter,
        ),
      ]),
  )
  return {
    tasks: records.length,
    classes: last.classesAfter,
    trainableParameters: Math.max(...records.map(({ trainableParameters }) => trainableParameters)),
    ...Object.values(readings)[0]!,
    readings,
  }
}

function measure(readings: readonly ReadingRecord[], classes: number): Measures {
  const curve = readings.map(({ top1 }) => top1)
  const matrix = readings.map(({ byTask }) => byTask)
  const square = matrix.map((row) => row.slice(0, readings.length))
  return {
    curve,
    accuracyMatrix: square,
    averageIncrementalAccuracy: averageIncrementalAccuracy(curve),
    lastAccuracy: lastAccuracy(curve),
    forgetting: forgetting(square),
    backwardTransfer: backwardTransfer(square),
    forwardTransfer: forwardTransfer(
      square,
      square.map(() => 100 / classes),
    ),
  }
}
