import { gelu, linear } from '@pilotjs/core'
import type { Rng, TuningKind } from '@pilotjs/core'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import { drawnPart } from './drawn-part'
import { requireTransformer } from './require-transformer'

export interface AttentionAdapterOptions {
  /** Which blocks get one, counted from 0. */
  blocks: readonly number[]
  /** Numbers between down and up projection. */
  bottleneck: number
  rng: Rng
}

/**
 * Adapters beside the attention of a block: x ↦ s · up(gelu(down(x))) of the block's normalised input, with a learned scale s that
 * starts at 1 (LAE's adapters, Gao et al., ICCV 2023; parallel adapters, He et al., ICLR 2022). They start as nothing.
 */
export const attentionAdapters = (options: AttentionAdapterOptions): TuningKind => ({
  name: 'attention-adapter',
  attach(backbone) {
    const { blocks, bottleneck, rng } = options
    const { width } = requireTransformer(backbone, 'an adapter')
    const bound = 1 / Math.sqrt(width)
    const part = drawnPart(() => {
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
          const tensors = part.variables()
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
  },
})
