import * as tf from '@tensorflow/tfjs-core'
import { cosineSimilarity, differentiable, l2Normalize } from '@pilotjs/core'
import type { Part, Rng, Tuning } from '@pilotjs/core'
import type { Rank, Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, Variable } from '@tensorflow/tfjs-core'
import { drawnWeights } from './drawn-weights'

export interface PromptPoolOptions {
  /** Prompts in the pool. */
  size: number
  /** Tokens per prompt. */
  length: number
  /** Numbers per token. */
  width: number
  rng: Rng
  /** What prompts and keys start as: uniform in [−1, 1) or zero. Default uniform. */
  initialization?: { prompts?: 'uniform' | 'zero'; keys?: 'uniform' | 'zero' }
  /** Put before the names `prompt` and `prompt_key`, e.g. `backbone.prompt.`. */
  prefix: string
}

/** A pool of prompts, each found by its key (Wang et al., CVPR 2022). */
export interface PromptPool extends Part {
  readonly size: number
  readonly length: number
  /** The `count` prompts whose keys are most like the queries: ids, [batch, count] int32, best first. No gradient. */
  nearest(queries: Tensor2D, count: number): Tensor2D
  /** One choice for the whole batch: what most images picked, lower ids first among equals. [batch, count] → [batch, count]. */
  elect(picks: Tensor2D): Tensor2D
  /** The prompts of these ids one after the other: [batch, count] → [batch, count · length, width]. */
  gather(ids: Tensor2D): Tensor3D
  /** How alike queries and chosen keys are: cosines summed over the choice, averaged over the batch. */
  affinity(queries: Tensor2D, ids: Tensor2D): Scalar
  /** Lets prompts, keys or both of ids `to`, `to` + 1, … begin as those of `from`, `from` + 1, …. */
  copy(what: { prompts: boolean; keys: boolean }, from: number, to: number, count: number): void
}

export function promptPool(options: PromptPoolOptions): PromptPool {
  const { size, length, width, rng, initialization = {}, prefix } = options
  const start = (kind: 'uniform' | 'zero' = 'uniform', count: number) =>
    kind === 'zero' ? new Float32Array(count) : rng.uniforms(count, -1, 1)
  const part = drawnWeights(prefix, () => ({
    prompt: tf.tensor3d(start(initialization.prompts, size * length * width), [size, length, width]),
    prompt_key: tf.tensor2d(start(initialization.keys, size * width), [size, width]),
  }))
  const prompts = () => part.tensors().prompt as Variable<Rank.R3>
  const keys = () => part.tensors().prompt_key as Variable<Rank.R2>
  /** [batch · count, size], a one in the chosen column: a product with it gathers rows, and so does its gradient. */
  const choice = (ids: Tensor2D) => tf.cast(tf.oneHot(tf.reshape(ids, [-1]), size), 'float32') as Tensor2D

  return {
    ...part,
    size,
    length,
    nearest(queries, count) {
      return offTape(queries, () => tf.topk(cosineSimilarity(queries, keys()), count).indices)
    },
    elect(picks) {
      return offTape(picks, () => {
        const winners = tf.topk(tf.sum(choice(picks), 0) as Tensor1D, picks.shape[1]).indices
        return tf.tile(tf.reshape(winners, [1, -1]), [picks.shape[0], 1]) as Tensor2D
      })
    },
    gather(ids) {
      const [batch, count] = ids.shape
      const rows = tf.matMul(choice(ids), tf.reshape(prompts(), [size, length * width]) as Tensor2D)
      return tf.reshape(rows, [batch, count * length, width])
    },
    affinity(queries, ids) {
      const [batch, count] = ids.shape
      const chosen = tf.reshape(tf.matMul(choice(ids), l2Normalize(keys())), [batch, count, width])
      const products = tf.mul(chosen, tf.reshape(l2Normalize(queries), [batch, 1, width]))
      return tf.div(tf.sum(products), batch)
    },
    copy(what, from, to, count) {
      tf.tidy(() => {
        for (const variable of [...(what.prompts ? [prompts()] : []), ...(what.keys ? [keys()] : [])]) {
          const table = tf.reshape(variable as Tensor, [size, -1]) as Tensor2D
          const rows = (first: number, height: number): Tensor2D[] =>
            height > 0 ? [tf.slice(table, [first, 0], [height, -1])] : []
          const next = tf.concat([...rows(0, to), ...rows(from, count), ...rows(to + count, size - to - count)])
          const assign = (target: tf.Variable) => target.assign(tf.reshape(next, variable.shape))
          assign(variable as tf.Variable)
        }
      })
    },
  }
}

/** A choice has no gradient: nothing of how it came about goes on the tape. */
const offTape = <T extends Tensor>(input: Tensor, choose: () => T): T =>
  differentiable({ inputs: { input }, forward: choose, backward: () => ({ input: () => tf.zerosLike(input) }) })

/**
 * Tokens put after the class token; they all get the class token's position.
 * @param prompts [batch, length, width]
 */
export function promptTokens(prompts: Tensor3D): Tuning {
  return {
    embed(tokens, { positions, prefixTokens }) {
      const [batch, length, width] = tokens.shape
      const placed: Tensor3D = tf.add(prompts, tf.slice(positions, [0, 0, 0], [1, 1, width]))
      const before = tf.slice(tokens, [0, 0, 0], [batch, prefixTokens, width])
      const after = tf.slice(tokens, [0, prefixTokens, 0], [batch, length - prefixTokens, width])
      return tf.concat([before, placed, after], 1)
    },
  }
}
