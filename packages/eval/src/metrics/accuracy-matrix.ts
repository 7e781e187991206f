/**
 * R[i][j]: accuracy in percent on the test images of task j once task i is learned (Lopez-Paz & Ranzato, "Gradient
 * Episodic Memory", NeurIPS 2017). Null where it was not measured; a class-incremental learner has no scores for
 * classes that are yet to come, so there the upper triangle is null.
 */
export type AccuracyMatrix = readonly (readonly (number | null)[])[]

/**
 * Tasks before the last that have test images of their own. Those that bring no new class (online and generalised streams) have
 * none: measures leave them out.
 */
export const earlierTested = (matrix: AccuracyMatrix): number[] =>
  matrix.slice(0, -1).flatMap((_, task) => (matrix.some((row) => (row[task] ?? null) !== null) ? [task] : []))

/** An entry that must be there. @throws RangeError naming the entry */
export function entry(matrix: AccuracyMatrix, learned: number, tested: number): number {
  const value = matrix[learned]?.[tested]
  if (value === undefined || value === null)
    throw new RangeError(`accuracy matrix has no entry for task ${tested} after learning task ${learned}`)
  return value
}

/**
 * Average incremental accuracy: the mean, over the tasks learned so far, of the accuracy on all classes seen by then
 * (Rebuffi et al., "iCaRL", CVPR 2017; PILOT's "Average Accuracy").
 * @param curve accuracy on all seen classes after each task, percent
 */
export function averageIncrementalAccuracy(curve: readonly number[]): number {
  if (curve.length === 0) throw new RangeError('no task was learned: there is no accuracy to average')
  return curve.reduce((sum, value) => sum + value, 0) / curve.length
}

/** Accuracy on all classes after the last task, percent. */
export function lastAccuracy(curve: readonly number[]): number {
  if (curve.length === 0) throw new RangeError('no task was learned: there is no last accuracy')
  return curve.at(-1)!
}
