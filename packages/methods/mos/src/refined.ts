import {
  argMax,
  cast,
  equal,
  expandDims,
  gather,
  mul,
  range,
  slice,
  stack,
  sum,
  tensor1d,
  tidy,
} from '@tensorflow/tfjs-core'
import type { Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core'

export interface Refinement {
  /** [batch, tasks · width]: features of every task's adapters side by side. */
  readonly features: Tensor2D
  /** [batch, classes]: scores that a first guess is taken from. */
  readonly guess: Tensor2D
  /** Which task brought each class. */
  readonly taskOf: readonly number[]
  /** [batch, width] → [batch, classes] */
  score(features: Tensor2D): Tensor2D
}

/** How often a guess may be changed, in MOS's code. */
const changes = 3

/**
 * Scores by the adapters of the task that an image is guessed to be of; where their prediction is a class of another task, that
 * is the next guess, until guess and prediction agree or it was changed three times.
 * @returns [batch, classes]
 */
export function refined({ features, guess, taskOf, score }: Refinement): Tensor2D {
  return tidy(() => {
    const tasks = 1 + Math.max(...taskOf)
    const width = features.shape[1] / tasks
    const table = tensor1d([...taskOf], 'int32')
    const taskOfBest = (scores: Tensor2D) => gather(table, argMax(scores, 1)) as Tensor1D
    const all = Array.from({ length: tasks }, (_, task) => score(slice(features, [0, task * width], [-1, width])))
    // Where each task's adapters would send an image next: [batch, tasks].
    const next = stack(all.map(taskOfBest), 1)
    const chosen = (task: Tensor1D) => equal(expandDims(task, 1), range(0, tasks, 1, 'int32'))
    let task = taskOfBest(guess)
    for (let change = 0; change < changes; change++) task = sum(mul(cast(chosen(task), 'int32'), next), 1)
    const scores = stack(all, 1) as Tensor3D
    return sum(mul(scores, expandDims(cast(chosen(task), 'float32'), 2)), 1)
  })
}
