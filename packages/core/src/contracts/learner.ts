import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import type { Rng } from '../random/rng'
import type { FeatureCache, FeatureExtractor } from './features'
import type { LabeledImages } from './images'
import type { ProgressEvent } from './progress'
import type { Task } from './task'
import type { JsonValue, NamedTensors, NamedVariables } from './tensors'

/** What a learner is given along with a task. */
export interface LearnContext {
  /** Derived from the run's seed and the task's index: the same task draws the same numbers, resumed or not. */
  readonly rng: Rng
  report(event: ProgressEvent): void
  /** Aborted when the run is to stop; `train` stops at the next step and rejects with the signal's reason. */
  readonly signal: AbortSignal
  readonly features: FeatureCache
  /** Exemplars by the keys their samples had in earlier tasks' `train`. */
  recall(keys: readonly string[], labels: ArrayLike<number>): LabeledImages
  /** Fires when a phase's variables stand and before its first step; a tool may read or overwrite them (parity does). */
  prepared?(variables: NamedVariables, phase: string): void | Promise<void>
}

/** Everything needed to predict, to continue and to be bit-identical. The tensors are live: read them before the learner goes on. */
export interface LearnerState {
  readonly tensors: NamedTensors
  readonly json: Readonly<Record<string, JsonValue>>
}

/** How a learner reads scores off features; lets evaluators extract features once and read them several ways. */
export interface Readout {
  readonly extractor: FeatureExtractor
  /** [batch, width] → [batch, classes seen]; `score(images)` equals this of `extractor.apply(images)`. */
  score(features: Tensor2D): Tensor2D
  /** Nearest mean of exemplars: negative squared distances, [batch, classes seen]. */
  nearestMean?(features: Tensor2D): Tensor2D
}

/** A method at work: it learns tasks and scores images. */
export interface Learner {
  /** Once per task, in order. */
  learn(task: Task, context: LearnContext): Promise<void>
  /** [batch, height, width, 3] → [batch, classes seen so far], higher = more likely. */
  score(images: Tensor4D): Tensor2D | Promise<Tensor2D>
  /** Read after each task: it may change from task to task. */
  readonly readout?: Readout
  state(): LearnerState
  restore(state: LearnerState): void
  dispose(): void
}
