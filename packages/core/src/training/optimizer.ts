import type { Tensor, Variable } from '@tensorflow/tfjs-core'
import type { JsonValue, NamedTensors } from '../contracts/tensors'

/**
 * Parameters that share a learning rate, with their gradients. A parameter without a gradient is not in it, and stays as it is.
 */
export interface GradientGroup {
  /**
   * Of the step at hand. Read inside `renewed` it is asked for again when a step is replayed; read elsewhere, steps are recorded
   * anew whenever it changes.
   */
  readonly learningRate: number
  readonly weightDecay: number
  readonly entries: readonly { readonly name: string; readonly variable: Variable; readonly gradient: Tensor }[]
}

/** What an optimizer remembers, for a checkpoint. The tensors are live. */
export interface OptimizerState {
  readonly tensors: NamedTensors
  readonly json: Readonly<Record<string, JsonValue>>
}

/** Turns gradients into changes, with torch's arithmetic. Made anew for every phase: momentum does not survive a task. */
export interface Optimizer {
  /** For groups that name none. */
  readonly learningRate: number
  readonly weightDecay: number
  /**
   * One step; called inside `tf.tidy`. Not called where the engine replays the step: what changes every time, and what counts
   * steps, belongs into `renewed`.
   */
  update(groups: readonly GradientGroup[]): void
  state(): OptimizerState
  restore(state: OptimizerState): void
  dispose(): void
}
