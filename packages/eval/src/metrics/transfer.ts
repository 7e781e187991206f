import type { AccuracyMatrix } from './accuracy-matrix'
import { earlierTested, entry } from './accuracy-matrix'

/**
 * Backward transfer: the mean over all tasks j but the last (those with test images) of R[last][j] − R[j][j] (Lopez-Paz &
 * Ranzato, NeurIPS 2017, eq. 3).
 * @returns percent points; negative where later tasks hurt earlier ones, 0 for a single task
 */
export function backwardTransfer(matrix: AccuracyMatrix): number {
  const last = matrix.length - 1
  if (last < 0) throw new RangeError('no task was learned: there is no transfer')
  const tasks = earlierTested(matrix)
  if (tasks.length === 0) return 0
  return tasks.reduce((sum, task) => sum + entry(matrix, last, task) - entry(matrix, task, task), 0) / tasks.length
}

/**
 * Forward transfer: the mean over all tasks j but the first of R[j−1][j] − baseline[j] (Lopez-Paz & Ranzato, NeurIPS 2017, eq.
 * 4).
 * @param baseline accuracy of an untrained learner on each task, percent
 * @returns percent points; null where a task was not scored before it was learned, as in class-incremental streams, or where
 *   there is one task
 */
export function forwardTransfer(matrix: AccuracyMatrix, baseline: readonly number[]): number | null {
  if (matrix.length < 2) return null
  let sum = 0
  for (let task = 1; task < matrix.length; task++) {
    const before = matrix[task - 1]?.[task]
    if (before === undefined || before === null) return null
    const chance = baseline[task]
    if (chance === undefined) throw new RangeError(`baseline has no entry for task ${task}`)
    sum += before - chance
  }
  return sum / (matrix.length - 1)
}
