import { gelu, linear } from '@pilotjs/core/ops'
import type { TuningKind } from '@pilotjs/core'
import type { Rng } from '@pilotjs/core/random'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core'
import { drawnPart } from './drawn-part'
import { requireBlocks } from './require-blocks'

export interface AttentionAdapterOptions {
  /** Which blocks get one, counted from 0. */
  blocks: readonly number[]
  /** Numbers between down and up projection. */
  bottleneck: number
  rng: Rng
}

/**
 * Adapters beside the attention of a block: x ↦ s · up(gelu(down(x))) of the block's normalised input, with a learned scale s
 * that starts at 1 (LAE's adapters, Gao et al., ICCV 2023; parallel adapters, He et al., ICLR 2022). They start as nothing.
 * Tensors `BLOCK.layer.0.…` (down), `BLOCK.layer.2.…` (up) and `BLOCK.layer.3.scale`.
 */
export const attentionAdapters = ({ blocks, bottleneck, rng }: AttentionAdapterOptions): TuningKind => ({
  name: 'attention-adapter',
  attach(backbone) {
    const { width } = requireBlocks(backbone, blocks, 'an adapter')
    const bound = 1 / Math.sqrt(width)
    const part = drawnPart(() => {
      const tensors: Record<string, Tensor> = {}
      for (const block of blocks) {
        const down = rng.uniforms(bottleneck * width, -bound, bound)
        tensors[`${block}.layer.0.weight`] = tf.tensor2d(down, [bottleneck, width])
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
          const own = part.variables()
          const through = (layer: 0 | 2, x: Tensor3D) =>
            linear(
              x,
              own[`${block}.layer.${layer}.weight`] as Tensor2D,
              own[`${block}.layer.${layer}.bias`] as Tensor1D,
            )
          return tf.mul<Tensor3D>(through(2, gelu(through(0, input))), own[`${block}.layer.3.scale`]!)
        },
      }),
    }
  },
})
