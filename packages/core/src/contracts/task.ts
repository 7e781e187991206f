import type { LabeledImages } from './images'

/** One step of a stream. Test images are not in it: a learner never sees the future, nor its exam. */
export interface Task {
  /** 0, 1, 2, … */
  readonly index: number
  /** The labels this task brings, in stream order. New ones continue the count; a domain-incremental task repeats old ones. */
  readonly classes: readonly number[]
  /** How many classes were known before this task. */
  readonly classesBefore: number
  /** How many classes are known once this task is learned. */
  readonly classesAfter: number
  readonly train: LabeledImages
}
