import { cosineSimilarity, differentiable, l2Normalize, oneHot } from '@pilotjs/core/ops'
import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor, Tensor1D, Tensor2D, Variable } from '@tensorflow/tfjs-core'
import { mostVoted } from './batch-vote'

/**
 * How a pool finds what belongs to an image: by the cosine between the image's query and a key of each entry (L2P, DualPrompt).
 */
export interface KeyMatching {
  /** The `count` entries whose keys are most like the queries: ids, [batch, count] int32, best first. No gradient. */
  nearest(queries: Tensor2D, count: number): Tensor2D
  /**
   * One choice for the whole batch: what most images picked. [batch, count] → [batch, count].
   * @param ties lower ids first among equals, or as they fall in PILOT
   */
  elect(picks: Tensor2D, ties?: 'lowest' | 'pilot'): Tensor2D
  /** How alike queries and chosen keys are: cosines summed over the choice, averaged over the batch. */
  affinity(queries: Tensor2D, ids: Tensor2D): Scalar
}

/** @param keys the keys as they are now, [size, width] */
export function keyMatching(keys: () => Tensor2D): KeyMatching {
  return {
    nearest: (queries, count) => offTape(queries, () => tf.topk(cosineSimilarity(queries, keys()), count).indices),
    elect: (picks, ties = 'lowest') =>
      offTape(picks, () => {
        const votes = tf.sum(choiceOf(picks, keys().shape[0]), 0) as Tensor1D
        const count = picks.shape[1]
        const winners = ties === 'pilot' ? mostVoted(votes, count) : tf.topk(votes, count).indices
        return tf.tile(tf.reshape(winners, [1, -1]), [picks.shape[0], 1]) as Tensor2D
      }),
    affinity(queries, ids) {
      const [batch, count] = ids.shape
      const [size, width] = keys().shape
      const chosen = tf.reshape(tf.matMul(choiceOf(ids, size), l2Normalize(keys())), [batch, count, width])
      const products = tf.mul(chosen, tf.reshape(l2Normalize(queries), [batch, 1, width]))
      return tf.div(tf.sum(products), batch)
    },
  }
}

/** [batch · count, size], a one in the chosen column: a product with it gathers rows, and so does its gradient. */
export const choiceOf = (ids: Tensor2D, size: number): Tensor2D => oneHot(tf.reshape(ids, [-1]) as Tensor1D, size)

/** A choice has no gradient: nothing of how it came about goes on the tape. */
const offTape = <T extends Tensor>(input: Tensor, choose: () => T): T =>
  differentiable({ inputs: { input }, forward: choose, backward: () => ({ input: () => tf.zerosLike(input) }) })

/** Lets entries `to`, `to` + 1, … of a table begin as entries `from`, `from` + 1, …; they lie along `axis`. */
export function copyEntries(table: Variable, axis: number, from: number, to: number, count: number): void {
  const size = table.shape[axis]!
  tf.tidy(() => {
    const entries = (first: number, many: number): Tensor[] => {
      if (many <= 0) return []
      const begin = table.shape.map((_, i) => (i === axis ? first : 0))
      return [
        tf.slice(
          table,
          begin,
          table.shape.map((length, i) => (i === axis ? many : length)),
        ),
      ]
    }
    table.assign(
      tf.concat([...entries(0, to), ...entries(from, count), ...entries(to + count, size - to - count)], axis),
    )
  })
}
