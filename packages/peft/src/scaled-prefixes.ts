import type { TuningKind } from '@pilotjs/core'
import type { Rng } from '@pilotjs/core/random'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor3D } from '@tensorflow/tfjs-core'
import { drawnPart } from './drawn-part'
import { requireBlocks } from './require-blocks'

export interface ScaledPrefixesOptions {
  /** Which blocks get one, counted from 0. */
  blocks: readonly number[]
  /** Keys and values per block. */
  length: number
  rng: Rng
  /** Whether a prefix is weighed as if it stood alone (see `PrefixPair`). Default true. */
  compensated?: boolean
}

/**
 * Prefix tuning with a learned scale for keys and values, and attention compensated for how little a few new tokens weigh (LAE,
 * Gao et al., ICCV 2023, https://arxiv.org/abs/2303.10070). Tokens start uniform in [0, 0.01), scales at 1.
 * Tensors `BLOCK.key.tokens`, `BLOCK.key.scaler.scale` and the same of `val`.
 */
export const scaledPrefixes = ({ blocks, length, rng, compensated = true }: ScaledPrefixesOptions): TuningKind => ({
  name: 'scaled-prefix',
  attach(backbone) {
    const { width } = requireBlocks(backbone, blocks, 'a prefix')
    const part = drawnPart(() => {
      const tensors: Record<string, Tensor> = {}
      for (const block of blocks)
        for (const kind of ['key', 'val']) {
          tensors[`${block}.${kind}.tokens`] = tf.tensor2d(rng.uniforms(length * width, 0, 0.01), [length, width])
          tensors[`${block}.${kind}.scaler.scale`] = tf.ones([1])
        }
      return tensors
    })
    return {
      ...part,
      tuning: () => ({
        prefix(block) {
          if (!blocks.includes(block)) return undefined
          const own = part.variables()
          const one = (kind: string) =>
            tf.expandDims(tf.mul(own[`${block}.${kind}.tokens`]!, own[`${block}.${kind}.scaler.scale`]!), 0) as Tensor3D
          return { keys: one('key'), values: one('val'), compensated }
        },
      }),
    }
  },
})
