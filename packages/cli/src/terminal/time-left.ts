/** Seconds that a finished task took. */
export interface TaskTime {
  readonly learnSeconds: number
  readonly scoreSeconds: number
}

/** How far the task at hand has come. */
export interface TaskState {
  /** Tasks of the run. */
  readonly tasks: number
  /** Seconds since the task began. */
  readonly elapsed: number
  /** Of learning, 0 … 1. */
  readonly learned: number
  /** Of scoring, 0 … 1. */
  readonly scored: number
}

/**
 * Seconds that a run probably still takes. Many methods train in the first task alone, or longer than later, so that it says
 * nothing of those that follow: later tasks are taken for what later tasks have taken, in the mean for learning, and for scoring
 * (of all test images seen so far) along a straight line.
 * @param finished of every finished task, in order
 * @returns undefined while the first task goes on, and while there is too little to go by
 */
export function timeLeft(finished: readonly TaskTime[], at: TaskState): number | undefined {
  const current = finished.length
  if (current === 0 || at.tasks === 0) return undefined
  if (current >= at.tasks) return 0
  const later = finished.slice(1)
  const learning = later.length > 0 ? mean(later.map(({ learnSeconds }) => learnSeconds)) : projected(at)
  if (learning === undefined) return undefined
  const scores = finished.map(({ scoreSeconds }) => scoreSeconds)
  const last = scores.at(-1)!
  const growth = scores.length > 1 ? Math.max(0, (last - scores[0]!) / (scores.length - 1)) : last
  const scoring = (task: number) => last + growth * (task - current + 1)
  let left = (1 - at.learned) * learning + (1 - at.scored) * scoring(current)
  for (let task = current + 1; task < at.tasks; task++) left += learning + scoring(task)
  return left
}

/** What learning the task at hand will have taken, once there is something to judge by. */
const projected = ({ elapsed, learned }: TaskState): number | undefined =>
  learned > 0.05 && elapsed > 0 ? elapsed / learned : undefined

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
