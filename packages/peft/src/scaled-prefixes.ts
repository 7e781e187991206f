import type { Rng } from '@pilotjs/core'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor3D } from '@tensorflow/tfjs-core'
import { drawnWeights } from './drawn-weights'
import type { PeftModule } from './module'

export interface ScaledPrefixesOptions {
  /** Which blocks get one, counted from 0. */
  blocks: readonly number[]
  /** Keys and values per block. */
  length: number
  /** Numbers per token. */
  width: number
  rng: Rng
  /** Put before the names `BLOCK.key.tokens`, `BLOCK.key.scaler.scale` and the same of `val`, e.g. `pets.`. */
  prefix: string
  /** Whether a prefix is weighed as if it stood alone (see `PrefixPair`). Default true. */
  compensated?: boolean
}

/**
 * Prefix tuning with a learned scale for keys and values, and attention compensated for how little a few new tokens weigh (LAE,
 * Gao et al., ICCV 2023, https://arxiv.org/abs/2303.10070). Tokens start uniform in [0, 0.01), scales at 1.
 */
export function scaledPrefixes(options: ScaledPrefixesOptions): PeftModule {
  const { blocks, length, width, rng, prefix, compensated = true } = options
  const part = drawnWeights(prefix, () => {
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
        const tensors = part.tensors()
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
}
