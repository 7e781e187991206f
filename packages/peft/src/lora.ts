import { linear } from '@pilotjs/core/ops'
import type { TuningKind } from '@pilotjs/core'
import type { Rng } from '@pilotjs/core/random'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core'
import { drawnPart } from './drawn-part'
import { requireBlocks } from './require-blocks'

/** The three projections of a block's input, in the order in which the joint one holds them. */
const projections = ['query', 'key', 'value'] as const
export type Projection = (typeof projections)[number]

export interface LoraOptions {
  /** Which blocks are adapted, counted from 0. */
  blocks: readonly number[]
  rank: number
  /** Which projections get an update; theirs are tensors 0, 1, … of a block. Default key and value, as LAE has it. */
  projections?: readonly Projection[]
  rng: Rng
}

/**
 * Low-rank updates of the joint projection: W + s·B·A with A [rank, width] drawn as torch draws a linear layer, B zero and a
 * learned scale s that starts at 1 (LoRA, Hu et al., ICLR 2022, https://arxiv.org/abs/2106.09685; the scale is LAE's). Tensors
 * `BLOCK.lora_A.I`, `BLOCK.lora_B.I` and `BLOCK.scale.I.scale`.
 */
export const lora = ({ blocks, rank, projections: adapted = ['key', 'value'], rng }: LoraOptions): TuningKind => ({
  name: 'lora',
  attach(backbone) {
    const { width } = requireBlocks(backbone, blocks, 'LoRA')
    const bound = 1 / Math.sqrt(width)
    const part = drawnPart(() => {
      const tensors: Record<string, Tensor> = {}
      for (const block of blocks)
        for (const i of adapted.keys()) {
          tensors[`${block}.lora_A.${i}`] = tf.tensor2d(rng.uniforms(rank * width, -bound, bound), [rank, width])
          tensors[`${block}.lora_B.${i}`] = tf.zeros([width, rank])
          tensors[`${block}.scale.${i}.scale`] = tf.ones([1])
        }
      return tensors
    })
    return {
      ...part,
      tuning: () => ({
        qkv(projected, input, block) {
          if (!blocks.includes(block)) return projected
          const own = part.variables()
          const updateOf = (projection: Projection): Tensor3D => {
            const i = adapted.indexOf(projection)
            if (i < 0) return tf.zerosLike(input)
            const down = linear(input, own[`${block}.lora_A.${i}`] as Tensor2D)
            return tf.mul(linear(down, own[`${block}.lora_B.${i}`] as Tensor2D), own[`${block}.scale.${i}.scale`]!)
          }
          return tf.add(projected, tf.concat(projections.map(updateOf), 2))
        },
      }),
    }
  },
})
