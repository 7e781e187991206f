import type { Tuning } from '@pilotjs/core'
import type { Part } from '@pilotjs/core/parts'
import type { Rng } from '@pilotjs/core/random'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D, Tensor3D, Variable } from '@tensorflow/tfjs-core'
import { drawnPart } from './drawn-part'
import { choiceOf, copyEntries, keyMatching } from './key-matching'
import type { KeyMatching } from './key-matching'
import { poolStart } from './pool-start'
import type { PoolStart } from './pool-start'

export interface PrefixPoolOptions {
  /** Prompts in the pool. */
  size: number
  /** Which blocks a prompt reaches, counted from 0. */
  blocks: readonly number[]
  /** Keys and values per block and prompt. */
  length: number
  /** Numbers per token. */
  width: number
  /** Of the attention, among which a key's numbers are divided. */
  heads: number
  rng: Rng
  /** What prompts and keys start as. Default uniform. */
  initialization?: { prompts?: PoolStart; keys?: PoolStart }
}

/** A pool of prompts that enter attention as keys and values, each found by its key (DualPrompt, Wang et al., ECCV 2022). */
export interface PrefixPool extends Part, KeyMatching {
  readonly size: number
  /**
   * The prefixes of the prompts of these ids, one after the other.
   * @param ids [batch, count]
   * @param options.mixed as PILOT lays them out: with its bare `reshape` where axes ought to be exchanged, image b gets row 2b of
   *   [keys of the batch; values of the batch] as its keys and row 2b + 1 as its values. Default false.
   */
  tuning(ids: Tensor2D, options?: { mixed?: boolean }): Tuning
  /** Lets prompts, keys or both of ids `to`, `to` + 1, … begin as those of `from`, `from` + 1, …. */
  copy(what: { prompts: boolean; keys: boolean }, from: number, to: number, count: number): void
}

/** Its tensors: `prompt` [blocks, 2 (keys, values), size, length, heads, width / heads] and `prompt_key` [size, width]. */
export function prefixPool(options: PrefixPoolOptions): PrefixPool {
  const { size, blocks, length, width, heads, rng, initialization = {} } = options
  const shape = [blocks.length, 2, size, length, heads, width / heads]
  const part = drawnPart(() => ({
    prompt: tf.tensor(poolStart(rng, initialization.prompts, tf.util.sizeFromShape(shape)), shape),
    prompt_key: tf.tensor2d(poolStart(rng, initialization.keys, size * width), [size, width]),
  }))
  const prompts = () => part.variables().prompt as Variable
  const keys = () => part.variables().prompt_key as Variable

  const flat = () => tf.reshape(prompts(), [blocks.length * 2, size, length * width]) as Tensor3D
  /** What images get in a block, one kind after the other: [2, batch, count · length · width]. */
  const chosen = (ids: Tensor2D, layer: number): Tensor3D => {
    const [batch, count] = ids.shape
    const table = tf.slice(flat(), [2 * layer, 0, 0], [2, -1, -1])
    const choice = tf.tile(tf.expandDims(choiceOf(ids, size), 0), [2, 1, 1])
    return tf.reshape(tf.matMul(choice, table), [2, batch, count * length * width])
  }
  return {
    ...part,
    ...keyMatching(() => keys() as Tensor as Tensor2D),
    size,
    tuning: (ids, { mixed = false } = {}) => ({
      prefix(block) {
        const layer = blocks.indexOf(block)
        if (layer < 0) return undefined
        const [batch, count] = ids.shape
        const rows = chosen(ids, layer)
        const pairs = mixed ? tf.reshape(rows, [batch, 2, -1]) : tf.transpose(rows, [1, 0, 2])
        const one = (kind: 0 | 1) =>
          tf.reshape(tf.slice(pairs, [0, kind, 0], [-1, 1, -1]), [batch, count * length, width]) as Tensor3D
        return { keys: one(0), values: one(1) }
      },
    }),
    copy(what, from, to, count) {
      if (what.prompts) copyEntries(prompts(), 2, from, to, count)
      if (what.keys) copyEntries(keys(), 0, from, to, count)
    },
  }
}
