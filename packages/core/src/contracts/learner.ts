import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import type { Rng } from '../random/rng'
import type { FeatureCache, FeatureExtractor } from './features'
import type { LabeledImages } from './images'
import type { ProgressEvent } from './progress'
import type { Task } from './task'
import type { JsonValue, NamedTensors } from './tensors'

/** What a learner is given along with a task; `createContext` makes it. */
export interface LearnContext {
  /** Derived from the run's seed and the task's index: the same task draws the same numbers, resumed or not. */
  readonly rng: Rng
  /** Told synchronously. When a phase is announced, all that it trains stands, and may still be read or overwritten. */
  report(event: ProgressEvent): void
  /** Aborted when the run is to stop; `train` stops at the next step and rejects with the signal's reason. */
  readonly signal: AbortSignal
  readonly features: FeatureCache
  /** Exemplars by the keys their samples had in earlier tasks' `train`. */
  recall(keys: readonly string[], labels: ArrayLike<number>): LabeledImages
}

/**
 * Everything needed to predict, to continue and to be bit-identical. The tensors are live: read them before the learner goes on.
 */
export interface LearnerState {
  readonly tensors: NamedTensors
  readonly json: Readonly<Record<string, JsonValue>>
}

/** One way to read scores off features: [batch, width] → [batch, classes seen], higher = more likely. Called inside `tf.tidy`. */
export type Reading = (features: Tensor2D) => Tensor2D

/** Readings by name (`head`, `nearestMean`, `online`, …), best first: `score` gives the first. */
export type Readings = Readonly<Record<string, Reading>>

/** A method at work: it learns tasks and scores images. */
export interface Learner {
  /** Once per task, in order. @throws PilotError `invalid-task`, `task-refused` for what the method does not accept */
  learn(task: Task, context: LearnContext): Promise<void>
  /** [batch, height, width, 3] → [batch, classes seen so far], higher = more likely. @throws PilotError `nothing-learned` */
  score(images: Tensor4D): Tensor2D
  /** What the readings read: take features once, read them several ways. Read it after each task, since it may change. */
  readonly extractor: FeatureExtractor
  readonly readings: Readings
  state(): LearnerState
  /** @throws PilotError `invalid-state` where the state is another learner's, or damaged */
  restore(state: LearnerState): void
  /**
   * Unlearns a class exactly, as if it had never been there; later labels move up by one. Only where the method
   * `accepts.removeClass`.
   */
  removeClass?(label: number): void | Promise<void>
  /**
   * Makes the images of class `from` images of class `into`, exactly, as if they had been taught as such; labels behind `from`
   * move up by one. Only where the method `accepts.mergeClasses`.
   */
  mergeClasses?(into: number, from: number): void | Promise<void>
  dispose(): void
}
