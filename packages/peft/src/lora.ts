import { linear } from '@pilotjs/core'
import type { Rng, TuningKind } from '@pilotjs/core'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core'
import { drawnPart } from './drawn-part'
import { requireTransformer } from './require-transformer'

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
 * Low-rank updates of the joint projection: W + s·B·A with A [rank, width] drawn as torch draws a linear layer, B zero and a learned
 * scale s that starts at 1 (LoRA, Hu et al., ICLR 2022, https://arxiv.org/abs/2106.09685; the scale is LAE's).
 */
export const lora = (options: LoraOptions): TuningKind => ({
  name: 'lora',
  attach(backbone) {
    const { blocks, rank, projections: adapted = ['key', 'value'], rng } = options
    const { width } = requireTransformer(backbone, 'LoRA')
    const bound = 1 / Math.sqrt(width)
    const part = drawnPart(() => {
      const tensors: Record<string, Tensor> = {}
      for (const block of blocks)
        adapted.forEach((_, i) => {
          tensors[`${block}.lora_A.${i}`] = tf.tensor2d(rng.uniforms(rank * width, -bound, bound), [rank, width])
          tensors[`${block}.lora_B.${i}`] = tf.zeros([width, rank])
          tensors[`${block}.scale.${i}.scale`] = tf.ones([1])
        })
      return tensors
    })
    return {
      ...part,
      tuning: () => ({
        qkv(projected, input, block) {
          if (!blocks.includes(block)) return projected
          const tensors = part.variables()
          const updateOf = (projection: Projection): Tensor3D => {
            const i = adapted.indexOf(projection)
            if (i < 0) return tf.zerosLike(input)
            const down = linear(input, tensors[`${block}.lora_A.${i}`] as Tensor2D)
            const up = linear(down, tensors[`${block}.lora_B.${i}`] as Tensor2D)
            return tf.mul(up, tensors[`${block}.scale.${i}.scale`]!)
          }
          return tf.add(projected, tf.concat(projections.map(updateOf), 2))
        },
      }),
    }
  },
})
