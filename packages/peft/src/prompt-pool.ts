import * as tf from '@tensorflow/tfjs-core'
import { cosineSimilarity, l2Normalize, variablesPart } from '@pilotjs/core'
import type { Part, Rng, Tuning } from '@pilotjs/core'
import type { Scalar, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core'

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
  prefix?: string
}

/** A pool of prompts, each found by its key (Wang et al., CVPR 2022). */
export interface PromptPool extends Part {
  readonly size: number
  readonly length: number
  /** The `count` prompts whose keys are most like the queries: ids, [batch, count] int32, best first. No gradient. */
  nearest(queries: Tensor2D, count: number): Tensor2D
  /** The prompts of these ids one after the other: [batch, count] → [batch, count · length, width]. */
  gather(ids: Tensor2D): Tensor3D
  /** How alike queries and chosen keys are: cosines summed over the choice, averaged over the batch. */
  affinity(queries: Tensor2D, ids: Tensor2D): Scalar
  /** Lets prompts, keys or both of ids `to`, `to` + 1, … begin as those of `from`, `from` + 1, …. */
  copy(what: { prompts: boolean; keys: boolean }, from: number, to: number, count: number): void
}

export function promptPool(options: PromptPoolOptions): PromptPool {
  const { size, length, width, rng, initialization = {}, prefix = '' } = options
  const start = (kind: 'uniform' | 'zero' = 'uniform', count: number) =>
    kind === 'zero' ? new Float32Array(count) : rng.uniforms(count, -1, 1)
  const part = tf.tidy(() =>
    variablesPart({
      [`${prefix}prompt`]: tf.tensor3d(start(initialization.prompts, size * length * width), [size, length, width]),
      [`${prefix}prompt_key`]: tf.tensor2d(start(initialization.keys, size * width), [size, width]),
    }),
  )
  const prompts = () => part.variables()[`${prefix}prompt`]!
  const keys = () => part.variables()[`${prefix}prompt_key`]!
  /** [batch · count, size], a one in the chosen column: a product with it gathers rows, and so does its gradient. */
  const choice = (ids: Tensor2D) => tf.cast(tf.oneHot(tf.reshape(ids, [-1]), size), 'float32') as Tensor2D

  return {
    ...part,
    size,
    length,
    nearest(queries, count) {
      return tf.tidy(() => tf.topk(cosineSimilarity(queries, keys() as Tensor2D), count).indices)
    },
    gather(ids) {
      const [batch, count] = ids.shape
      const rows = tf.matMul(choice(ids), tf.reshape(prompts(), [size, length * width]) as Tensor2D)
      return tf.reshape(rows, [batch, count * length, width])
    },
    affinity(queries, ids) {
      const [batch, count] = ids.shape
      const chosen = tf.reshape(tf.matMul(choice(ids), l2Normalize(keys() as Tensor2D)), [batch, count, width])
      const products = tf.mul(chosen, tf.reshape(l2Normalize(queries), [batch, 1, width]))
      return tf.div(tf.sum(products), batch)
    },
    copy(what, from, to, count) {
      tf.tidy(() => {
        for (const variable of [...(what.prompts ? [prompts()] : []), ...(what.keys ? [keys()] : [])]) {
          const at = (row: number) => [row, ...variable.shape.slice(1).map(() => 0)]
          const rows = (first: number, rowCount: number) =>
            tf.slice(variable, at(first), [rowCount, ...variable.shape.slice(1)])
          variable.assign(tf.concat([rows(0, to), rows(from, count), rows(to + count, size - to - count)], 0))
        }
      })
    },
  }
}

/**
 * Tokens put after the class token; they all get the class token's position.
 * @param prompts [batch, length, width]
 */
export function promptTokens(prompts: Tensor3D): Tuning {
  return {
    embed(tokens, { positions, prefixTokens }) {
      const [batch, length, width] = tokens.shape
      const placed = tf.add(prompts, tf.slice(positions, [0, 0, 0], [1, 1, width]))
      const before = tf.slice(tokens, [0, 0, 0], [batch, prefixTokens, width])
      const after = tf.slice(tokens, [0, prefixTokens, 0], [batch, length - prefixTokens, width])
      return tf.concat([before, placed, after], 1)
    },
  }
}
