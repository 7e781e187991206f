import type { TuningKind } from '@pilotjs/core'
import type { Rng } from '@pilotjs/core/random'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor3D } from '@tensorflow/tfjs-core'
import { drawnPart } from './drawn-part'
import { poolStart } from './pool-start'
import type { PoolStart } from './pool-start'
import { requireBlocks } from './require-blocks'

export interface PrefixesOptions {
  /** Which blocks get one, counted from 0. */
  blocks: readonly number[]
  /** Keys and values per block. */
  length: number
  rng: Rng
  /** Default uniform. */
  initialization?: PoolStart
}

/**
 * Prefix tuning: learned keys and values before those of a block's own tokens, the same for every image (Li and Liang, ACL 2021,
 * https://arxiv.org/abs/2101.00190; DualPrompt's general prompts). One tensor `prompt`
 * [blocks, 2 (keys, values), length, heads, width / heads].
 */
export const prefixes = ({ blocks, length, rng, initialization }: PrefixesOptions): TuningKind => ({
  name: 'prefix',
  attach(backbone) {
    const { width, heads } = requireBlocks(backbone, blocks, 'a prefix')
    const shape = [blocks.length, 2, length, heads, width / heads]
    const part = drawnPart(() => ({
      prompt: tf.tensor(poolStart(rng, initialization, blocks.length * 2 * length * width), shape),
    }))
    return {
      ...part,
      tuning: () => ({
        prefix(block) {
          const layer = blocks.indexOf(block)
          if (layer < 0) return undefined
          const table = tf.reshape(part.variables().prompt!, [blocks.length * 2, length, width]) as Tensor3D
          const one = (kind: 0 | 1) => tf.slice(table, [2 * layer + kind, 0, 0], [1, length, width])
          return { keys: one(0), values: one(1) }
        },
      }),
    }
  },
})
