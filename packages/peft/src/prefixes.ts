import type { Rng } from '@pilotjs/core'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor3D } from '@tensorflow/tfjs-core'
import { drawnWeights } from './drawn-weights'
import type { PeftModule } from './module'
import { poolStart } from './pool-start'
import type { PoolStart } from './pool-start'

export interface PrefixesOptions {
  /** Which blocks get one, counted from 0. */
  blocks: readonly number[]
  /** Keys and values per block. */
  length: number
  /** Numbers per token. */
  width: number
  /** Of the attention, among which a key's numbers are divided. */
  heads: number
  /** What the tensor is called. */
  name: string
  rng: Rng
  /** Default uniform. */
  initialization?: PoolStart
}

/**
 * Prefix tuning: learned keys and values before those of a block's own tokens, the same for every image (Li and Liang, ACL 2021,
 * https://arxiv.org/abs/2101.00190; DualPrompt's general prompts). One tensor
 * [blocks, 2 (keys, values), length, heads, width / heads].
 */
export function prefixes(options: PrefixesOptions): PeftModule {
  const { blocks, length, width, heads, name, rng, initialization } = options
  const shape = [blocks.length, 2, length, heads, width / heads]
  const part = drawnWeights('', () => ({
    [name]: tf.tensor(poolStart(rng, initialization, blocks.length * 2 * length * width), shape),
  }))
  return {
    ...part,
    tuning: () => ({
      prefix(block) {
        const layer = blocks.indexOf(block)
        if (layer < 0) return undefined
        const table = tf.reshape(part.tensors()[name]!, [blocks.length * 2, length, width]) as Tensor3D
        const one = (kind: 0 | 1) => tf.slice(table, [2 * layer + kind, 0, 0], [1, length, width])
        return { keys: one(0), values: one(1) }
      },
    }),
  }
}
