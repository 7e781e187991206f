import { gelu, linear } from '@pilotjs/core'
import type { Rng } from '@pilotjs/core'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import { drawnWeights } from './drawn-weights'
import type { PeftModule } from './module'

export interface AttentionAdapterOptions {
  /** Which blocks get one, counted from 0. */
  blocks: readonly number[]
  /** Numbers between down and up projection. */
  bottleneck: number
  /** Numbers per token. */
  width: number
  rng: Rng
  /** Put before the names `BLOCK.layer.0.…` (down), `BLOCK.layer.2.…` (up) and `BLOCK.layer.3.scale`, e.g. `pets.`. */
  prefix: string
}

/**
 * Adapters beside the attention of a block: x ↦ s · up(gelu(down(x))) of the block's normalised input, with a learned scale s that
 * starts at 1 (LAE's adapters, Gao et al., ICCV 2023; parallel adapters, He et al., ICLR 2022). They start as nothing.
 */
export function attentionAdapters(options: AttentionAdapterOptions): PeftModule {
  const { blocks, bottleneck, width, rng, prefix } = options
  const bound = 1 / Math.sqrt(width)
  const part = drawnWeights(prefix, () => {
    const tensors: Record<string, Tensor> = {}
    for (const block of blocks) {
      tensors[`${block}.layer.0.weight`] = tf.tensor2d(rng.uniforms(bottleneck * width, -bound, bound), [
        bottleneck,
        width,
      ])
      tensors[`${block}.layer.0.bias`] = tf.zeros([bottleneck])
      tensors[`${block}.layer.2.weight`] = tf.zeros([width, bottleneck])
      tensors[`${block}.layer.2.bias`] = tf.zeros([width])
      tensors[`${block}.layer.3.scale`] = tf.ones([1])
    }
    return tensors
  })
  return {
    ...part,
    tuning: () => ({
      besideAttention(input, block) {
        if (!blocks.includes(block)) return undefined
        const tensors = part.tensors()
        const through = (layer: 0 | 2, x: tf.Tensor3D) =>
          linear(
            x,
            tensors[`${block}.layer.${layer}.weight`] as Tensor2D,
            tensors[`${block}.layer.${layer}.bias`] as Tensor1D,
          )
        return tf.mul<tf.Tensor3D>(through(2, gelu(through(0, input))), tensors[`${block}.layer.3.scale`]!)
      },
    }),
  }
}
