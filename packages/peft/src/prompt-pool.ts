import * as tf from '@tensorflow/tfjs-core'
import type { Tuning } from '@pilotjs/core'
import type { Part } from '@pilotjs/core/parts'
import type { Rng } from '@pilotjs/core/random'
import type { Rank, Tensor2D, Tensor3D, Variable } from '@tensorflow/tfjs-core'
import { drawnPart } from './drawn-part'
import { choiceOf, copyEntries, keyMatching } from './key-matching'
import type { KeyMatching } from './key-matching'
import { poolStart } from './pool-start'
import type { PoolStart } from './pool-start'

export interface PromptPoolOptions {
  /** Prompts in the pool. */
  size: number
  /** Tokens per prompt. */
  length: number
  /** Numbers per token. */
  width: number
  rng: Rng
  /** What prompts and keys start as. Default uniform. */
  initialization?: { prompts?: PoolStart; keys?: PoolStart }
}

/** A pool of prompts, each found by its key (Wang et al., CVPR 2022). */
export interface PromptPool extends Part, KeyMatching {
  readonly size: number
  readonly length: number
  /** The prompts of these ids one after the other: [batch, count] → [batch, count · length, width]. */
  gather(ids: Tensor2D): Tensor3D
  /** Lets prompts, keys or both of ids `to`, `to` + 1, … begin as those of `from`, `from` + 1, …. */
  copy(what: { prompts: boolean; keys: boolean }, from: number, to: number, count: number): void
}

export function promptPool(options: PromptPoolOptions): PromptPool {
  const { size, length, width, rng, initialization = {} } = options
  const part = drawnPart(() => ({
    prompt: tf.tensor3d(poolStart(rng, initialization.prompts, size * length * width), [size, length, width]),
    prompt_key: tf.tensor2d(poolStart(rng, initialization.keys, size * width), [size, width]),
  }))
  const prompts = () => part.variables().prompt as Variable<Rank.R3>
  const keys = () => part.variables().prompt_key as Variable<Rank.R2>

  return {
    ...part,
    ...keyMatching(keys),
    size,
    length,
    gather(ids) {
      const [batch, count] = ids.shape
      const rows = tf.matMul(choiceOf(ids, size), tf.reshape(prompts(), [size, length * width]) as Tensor2D)
      return tf.reshape(rows, [batch, count * length, width])
    },
    copy(what, from, to, count) {
      if (what.prompts) copyEntries(prompts() as tf.Variable, 0, from, to, count)
      if (what.keys) copyEntries(keys() as tf.Variable, 0, from, to, count)
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
      const placed: Tensor3D = tf.add(prompts, tf.slice(positions, [0, 0, 0], [1, 1, width]))
      const before = tf.slice(tokens, [0, 0, 0], [batch, prefixTokens, width])
      const after = tf.slice(tokens, [0, prefixTokens, 0], [batch, length - prefixTokens, width])
      return tf.concat([before, placed, after], 1)
    },
  }
}
