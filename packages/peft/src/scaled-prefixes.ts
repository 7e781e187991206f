import type { Rng, TuningKind } from '@pilotjs/core'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor3D } from '@tensorflow/tfjs-core'
import { drawnPart } from './drawn-part'
import { requireTransformer } from './require-transformer'

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
 */
export const scaledPrefixes = (options: ScaledPrefixesOptions): TuningKind => ({
  name: 'scaled-prefix',
  attach(backbone) {
    const { blocks, length, rng, compensated = true } = options
    const { width } = requireTransformer(backbone, 'prefix tuning')
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
          const tensors = part.variables()
          const one = (kind: string): Tensor3D =>
            tf.reshape(tf.mul(tensors[`${block}.${kind}.tokens`]!, tensors[`${block}.${kind}.scaler.scale`]!), [
              1,
              length,
              width,
            ])
          return { keys: one('key'), values: one('val'), compensated }
        },
      }),
    }
  },
})
