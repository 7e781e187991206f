import type { AccuracyMatrix } from './accuracy-matrix'

/**
 * The measures of online continual learning: a stream of sessions (its class-incremental tasks) is evaluated again and again
 * while it goes on. Soutif-Cormerais et al., "A Comprehensive Empirical Evaluation on Online Continual Learning", ICCV Workshops
 * 2023, whose names and formulas these are; stability gap and worst case: De Lange, van de Ven, Tuytelaars, "Continual evaluation
 * for lifelong learning: Identifying the stability gap", ICLR 2023.
 */
export interface OnlineHistory {
  /**
   * At every evaluation, accuracy on the test images of each session; null for a session none of whose classes has come yet.
   * Percent.
   */
  readonly bySession: AccuracyMatrix
  /** At every evaluation, the session that goes on, from 0. */
  readonly sessions: readonly number[]
}

/**
 * Average anytime accuracy: the mean of the accuracy on all classes met so far, over all evaluations so far. Of an online stream
 * whose tasks lie between two evaluations it is the average incremental accuracy.
 */
export function averageAnytimeAccuracy(curve: readonly number[]): number {
  if (curve.length === 0) throw new RangeError('there was no evaluation: there is no accuracy to average')
  return curve.reduce((sum, value) => sum + value, 0) / curve.length
}

/**
 * The lowest accuracy on each earlier session since it ended, its end included: one entry a session before the one that goes on.
 */
export function minimumAccuracies({ bySession, sessions }: OnlineHistory): number[] {
  const now = sessions.at(-1)
  if (now === undefined) throw new RangeError('there was no evaluation: there is no least accuracy')
  return Array.from({ length: now }, (_, session) => {
    const end = sessions.lastIndexOf(session)
    if (end < 0) throw new RangeError(`session ${session} was never evaluated`)
    return Math.min(...bySession.slice(end).map((row, at) => given(row[session], end + at, session)))
  })
}

/**
 * Worst-case accuracy during session t: (1/t)·a_t + (1 − 1/t)·the mean of the earlier sessions' minimum accuracies, where t
 * counts from 1. What one can count on at any moment; never above the accuracy of the moment.
 */
export function worstCaseAccuracy(history: OnlineHistory): number {
  const { bySession, sessions } = history
  const minima = minimumAccuracies(history)
  const count = minima.length + 1
  const now = given(bySession.at(-1)![sessions.at(-1)!], bySession.length - 1, count - 1)
  return (now + minima.reduce((sum, value) => sum + value, 0)) / count
}

/**
 * Accuracy by sessions, from accuracy by the parts of an online stream: a part's test images are those of the classes it is the
 * first to bring, so that a session's are those of its parts.
 * @param byPart row a evaluation, column a part; null where a part has no test images or is yet to come
 * @param sessions of every part
 * @param testImages of every part
 */
export function accuracyBySession(
  byPart: AccuracyMatrix,
  sessions: readonly number[],
  testImages: readonly number[],
): AccuracyMatrix {
  const count = Math.max(...sessions) + 1
  return byPart.map((row) =>
    Array.from({ length: count }, (_, session) => {
      let right = 0
      let images = 0
      for (const [part, value] of row.entries()) {
        if (sessions[part] !== session || value === null || value === undefined) continue
        right += value * testImages[part]!
        images += testImages[part]!
      }
      return images === 0 ? null : right / images
    }),
  )
}

/**
 * Cumulative accuracy of session i: on the test images of all classes of sessions up to i, where only these classes may be
 * predicted.
 * @param scores [images × classes], row by row, of those test images
 * @param among the classes of sessions up to i
 */
export function cumulativeAccuracy(
  scores: ArrayLike<number>,
  classes: number,
  labels: ArrayLike<number>,
  among: readonly number[],
): number {
  if (scores.length !== labels.length * classes)
    throw new RangeError(`${scores.length} scores for ${labels.length} images of ${classes} classes`)
  let right = 0
  for (let image = 0; image < labels.length; image++) {
    const of = (label: number) => scores[image * classes + label]!
    const best = among.reduce((top, label) => (of(label) > of(top) ? label : top), among[0]!)
    if (best === labels[image]) right++
  }
  return (100 * right) / labels.length
}

/**
 * Cumulative forgetting: the cumulative accuracy of each earlier session right after it, minus now; the mean over them. It leaves
 * out what a choice among more classes costs. (The first value is taken, not the highest: the paper's code does so.)
 * @param cumulative row a session that ended, column a session up to it, percent
 */
export function cumulativeForgetting(cumulative: AccuracyMatrix): number {
  const last = cumulative.length - 1
  if (last < 0) throw new RangeError('no session has ended: there is nothing to forget')
  let sum = 0
  for (let session = 0; session < last; session++)
    sum += given(cumulative[session]![session], session, session) - given(cumulative[last]![session], last, session)
  return last === 0 ? 0 : sum / last
}

function given(value: number | null | undefined, evaluation: number, session: number): number {
  if (value === null || value === undefined)
    throw new RangeError(`evaluation ${evaluation} has no accuracy on session ${session}`)
  return value
}
