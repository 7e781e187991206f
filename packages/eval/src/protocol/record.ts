import type { GroupedAccuracy } from '../metrics/index'

/** What one of a learner's readings (its head, the nearest mean, …) came to after a task. Percentages, unrounded. */
export interface ReadingRecord {
  readonly top1: number
  /** `k` is 5, or the number of classes while that is less. */
  readonly topK: { readonly k: number; readonly accuracy: number }
  /** Row of the accuracy matrix: accuracy on each task's test images; null for tasks whose classes are not known yet. */
  readonly byTask: readonly (number | null)[]
  /**
   * Of an online stream: for each session so far, accuracy on the test images of all classes up to it, where only these may be
   * predicted (cumulative accuracy).
   */
  readonly cumulative?: readonly number[]
  /** PILOT's groups; class-incremental streams only. */
  readonly grouped?: GroupedAccuracy
}

/** A training phase: what changed and how the loss fell. */
export interface PhaseRecord {
  readonly phase: string
  readonly trainableParameters: number
  /** Mean loss of each epoch's steps. */
  readonly losses: readonly number[]
}

/**
 * What a task came to. Holds nothing that depends on the clock or the machine's load: an interrupted and resumed run writes the
 * same.
 */
export interface TaskRecord {
  readonly task: number
  /** Of an online stream, whose tasks lie between two evaluations: the class-incremental task that this one belongs to. */
  readonly session?: number
  readonly classes: readonly number[]
  readonly classesBefore: number
  readonly classesAfter: number
  readonly trainImages: number
  /** Test images of all tasks so far. */
  readonly testImages: number
  /** The most that one phase trained. */
  readonly trainableParameters: number
  readonly phases: readonly PhaseRecord[]
  /** Per cent of the test images of all classes seen that are right, by the first reading. */
  readonly accuracy: number
  /** By the names of the learner's readings; the first is the one that counts. */
  readonly readings: Readonly<Record<string, ReadingRecord>>
}

/** What a task cost. */
export interface TaskCost {
  readonly learnSeconds: number
  readonly scoreSeconds: number
  /** Of TensorFlow.js, after the task: live tensors and their bytes. */
  readonly tensors: number
  readonly tensorBytes: number
  /** Resident memory of the process, where it can be asked. */
  readonly rssBytes?: number
  /** Images whose features were computed during this task, and images whose features were already there. */
  readonly features: { readonly computed: number; readonly reused: number }
}

/** Predictions on all test images seen, after one task; index = position in the tasks' test images, one task after the other. */
export interface Predictions {
  readonly keys: readonly string[]
  readonly labels: readonly number[]
  /** Predicted classes, by the names of the learner's readings. */
  readonly readings: Readonly<Record<string, readonly number[]>>
}

/** The reading that counts: a record's first. */
export const mainReading = ({ readings }: Pick<TaskRecord, 'readings'>): ReadingRecord => Object.values(readings)[0]!
