import { requireEqualLengths } from './accuracy'
import { around } from './round'

export interface GroupedAccuracyOptions {
  /** Classes known before this task: the border between old and new. */
  readonly classesBefore: number
  /** Classes of the first task. */
  readonly baseClasses: number
  /** Classes of every later task. */
  readonly increment: number
}

/** Percentages: `total`, one entry per group of classes (`00-09`, `10-19`, …), `old`, `new`. */
export type GroupedAccuracy = Readonly<Record<string, number>>

/**
 * PILOT's grouped accuracies (`utils/toolkit.py: accuracy`), number for number: percent, rounded half to even to two
 * decimals; a group per task that has begun, counted by `range(baseClasses, max(labels), increment)`, so that a last
 * group of exactly one class is left out; `old` is 0 in the first task. A base group or `new` without images is NaN, as in numpy.
 */
export function groupedAccuracy(
  predicted: ArrayLike<number>,
  labels: ArrayLike<number>,
  { classesBefore, baseClasses, increment }: GroupedAccuracyOptions,
): GroupedAccuracy {
  requireEqualLengths(predicted.length, labels.length)
  const within = (from: number, to: number) => {
    let images = 0
    let right = 0
    for (let i = 0; i < labels.length; i++) {
      if (labels[i]! < from || labels[i]! >= to) continue
      images++
      if (predicted[i] === labels[i]) right++
    }
    return { images, percent: around((right * 100) / images) }
  }
  const largest = Array.from(labels).reduce((most, label) => Math.max(most, label), -Infinity)

  const groups: Record<string, number> = {}
  groups.total = within(-Infinity, Infinity).percent
  groups[groupName(0, baseClasses)] = within(0, baseClasses).percent
  if (increment > 0)
    for (let first = baseClasses; first < largest; first += increment)
      groups[groupName(first, first + increment)] = within(first, first + increment).percent
  const old = within(-Infinity, classesBefore)
  groups.old = old.images === 0 ? 0 : old.percent
  groups.new = within(classesBefore, Infinity).percent
  return groups
}

/** `00-09`: first and last class, two digits at least. */
function groupName(from: number, to: number): string {
  return `${String(from).padStart(2, '0')}-${String(to - 1).padStart(2, '0')}`
}
