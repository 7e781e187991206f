import type { Task } from '@pilotjs/core'
import { tensor2d, tile } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import type { KeyMatching } from './key-matching'
import type { PromptPoolChoices } from './prompt-options'

/** A pool that prompts are chosen from. */
export interface ChoosablePool extends KeyMatching {
  readonly size: number
  copy(what: { prompts: boolean; keys: boolean }, from: number, to: number, count: number): void
}

/** Which prompts of a pool images get, as L2P and DualPrompt choose them. */
export interface PromptChoice {
  /** Lets the prompts that a task has for itself begin where the last task's stand, if the options share them. */
  begin(task: Task): void
  /** Ids for the images of a training step: [batch, topK]. @param queries [batch, width] */
  inTraining(task: Task, queries: Tensor2D): Tensor2D
  /** Ids for images that are scored: each for itself, but with `compat: 'pilot'`, where a batch votes then, too. */
  inScoring(queries: Tensor2D): Tensor2D
}

export function promptChoice(pool: ChoosablePool, options: PromptPoolChoices): PromptChoice {
  const { topK, batchVote, taskPrompts, sharePrompts, shareKeys } = options
  const asPilot = options.compat === 'pilot'

  const nearest = (queries: Tensor2D, together: boolean): Tensor2D => {
    const picks = pool.nearest(queries, topK)
    return together ? pool.elect(picks, asPilot ? 'pilot' : 'lowest') : picks
  }
  /** Where a task's own prompts begin, while the pool lasts. */
  const ownStart = ({ index }: Task): number | undefined => ((index + 1) * topK <= pool.size ? index * topK : undefined)

  return {
    begin(task) {
      const own = ownStart(task)
      if (task.index > 0 && own !== undefined)
        pool.copy({ prompts: sharePrompts, keys: shareKeys }, own - topK, own, topK)
    },
    inTraining(task, queries) {
      const own = taskPrompts ? ownStart(task) : undefined
      if (own === undefined) return nearest(queries, batchVote)
      return everyRow(
        Array.from({ length: topK }, (_, i) => own + i),
        queries.shape[0],
      )
    },
    inScoring: (queries) => nearest(queries, asPilot && batchVote),
  }
}

/** The same ids for every image of a batch: [batch, ids]. */
const everyRow = (ids: readonly number[], batch: number): Tensor2D =>
  tile(tensor2d([[...ids]], [1, ids.length], 'int32'), [batch, 1])
