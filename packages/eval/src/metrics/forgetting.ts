import type { AccuracyMatrix } from './accuracy-matrix'
import { earlierTested, entry } from './accuracy-matrix'

/**
 * Average forgetting after the last learned task k: the mean over earlier tasks j of
 * max over l in j … k−1 of R[l][j], minus R[k][j] (Chaudhry et al., "Riemannian Walk for Incremental Learning", ECCV 2018, eq.
 * 3–4).
 * @returns percent points; positive where something was forgotten, 0 for a single task
 */
export function forgetting(matrix: AccuracyMatrix): number {
  const forgotten = forgettingByTask(matrix)
  return forgotten.length === 0 ? 0 : forgotten.reduce((sum, value) => sum + value, 0) / forgotten.length
}

/** What each earlier task with test images lost since its best moment, percent points, in order. */
export function forgettingByTask(matrix: AccuracyMatrix): number[] {
  const last = matrix.length - 1
  if (last < 0) throw new RangeError('no task was learned: there is nothing to forget')
  return earlierTested(matrix).map((task) => {
    let best = -Infinity
    for (let learned = task; learned < last; learned++) best = Math.max(best, entry(matrix, learned, task))
    return best - entry(matrix, last, task)
  })
}
