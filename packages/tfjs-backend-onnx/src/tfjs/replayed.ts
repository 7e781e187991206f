import { type Tensor, getBackend, tidy } from '@tensorflow/tfjs-core'
import { backendName } from './backend-name'
import { onnxBackend } from './register'
import type { StepReplays } from './step-replays'

/** A step that need not be recorded every time. */
export interface ReplayedStep<A extends Tensor[], R> {
  (...inputs: A): R
  /** Lets go what replays keep: recorded steps and the buffers they captured. The step may be called again. */
  dispose(): void
}

export interface ReplayOptions {
  /**
   * Names what the step depends on besides arguments and variables, as a learning rate that changes from time to time. With
   * another key it is recorded again: once, if it then does what it did before, and takes the same from elsewhere.
   */
  key?: () => string | number
}

/**
 * Makes a step, one that trains say, that is recorded a few times and then replayed: it runs the same graphs on other arguments
 * and variables, without calling the function. It saves the time that TensorFlow.js takes to record (a few percent of a step).
 *
 * The function must do the same every time. What it computes may depend on its arguments, on variables (`tf.Variable`; their new
 * values are part of what is replayed), on what `renewed` makes, and on nothing else, unless `key` names it: JavaScript's numbers
 * and other tensors are as they were when it was recorded. It is replayed once two calls in a row, or two calls in a row with
 * equal keys, all of equal shapes, agree in all they took from elsewhere; a step that draws random numbers, reads a tensor, or
 * keeps tensors that are not in variables never is, and runs as it always did. It is recorded anew once a tensor that it took
 * from elsewhere is disposed. Calls inside `tf.grads` and calls on other backends are not replayed.
 *
 * @param step gets the arguments; returns a tensor, a list of tensors, or nothing. Called inside `tf.tidy`
 * @throws Error when it returns something else
 */
export function replayed<A extends Tensor[], R>(
  step: (...inputs: A) => R,
  { key = () => '' }: ReplayOptions = {},
): ReplayedStep<A, R> {
  let replays: StepReplays | undefined
  const call = (...inputs: A): R => {
    const run = () => tidy(() => step(...inputs) as Tensor) as R
    if (getBackend() !== backendName) return run()
    replays ??= onnxBackend().replays()
    return replays.call(inputs, key(), run)
  }
  return Object.assign(call, { dispose: () => replays?.dispose() })
}

/**
 * A tensor of numbers that change from step to step though they come from elsewhere: a mask that is drawn, a learning rate. Inside a
 * `replayed` step `make` is called again for every replay, in the order of the recording; anywhere else this is `tf.tensor`.
 * @param make gives a new array every time; what else it does must be the same whether the step is recorded or replayed
 */
export function renewed(make: () => Float32Array, shape: number[]): Tensor {
  return onnxBackend().renewed(make, shape)
}
