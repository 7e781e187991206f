import * as tf from '@tensorflow/tfjs-core'
import { linear } from '@pilotjs/core/ops'
import type { Mode, NamedTensors, Tuning, TuningKind } from '@pilotjs/core'
import type { Rng } from '@pilotjs/core/random'
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import { drawnPart } from './drawn-part'
import { dropout } from './dropout'
import { requireTransformer } from './require-transformer'

export interface AdapterOptions {
  /** Numbers between down and up projection. */
  bottleneck: number
  rng: Rng
  /** What the branch is multiplied by before it joins the residual stream. Default 0.1. */
  scale?: number
  /** Share of bottleneck activations dropped while training. Default 0. */
  dropout?: number
}

/**
 * Adapters beside the MLP of every block: x ↦ scale · up(relu(down(x))), fed by the residual stream after attention, not
 * normalised (AdaptFormer, Chen et al., NeurIPS 2022, https://arxiv.org/abs/2205.13535). They start as nothing: `down` is
 * drawn as torch draws a linear layer, everything else is zero.
 */
export const adapters = ({ bottleneck, rng, scale = 0.1, dropout: rate = 0 }: AdapterOptions): TuningKind => ({
  name: 'adapter',
  attach(backbone) {
    const { width, depth } = requireTransformer(backbone, 'an adapter')
    const bound = 1 / Math.sqrt(width)
    const part = drawnPart(() => {
      const tensors: Record<string, tf.Tensor> = {}
      for (let block = 0; block < depth; block++) {
        const down = rng.uniforms(bottleneck * width, -bound, bound)
        tensors[`${nameOf(block)}.down_proj.weight`] = tf.tensor2d(down, [bottleneck, width])
        tensors[`${nameOf(block)}.down_proj.bias`] = tf.zeros([bottleneck])
        tensors[`${nameOf(block)}.up_proj.weight`] = tf.zeros([width, bottleneck])
        tensors[`${nameOf(block)}.up_proj.bias`] = tf.zeros([width])
      }
      return tensors
    })
    return { ...part, tuning: (mode) => adapterTuning(part.variables(), { scale, dropout: rate }, mode) }
  },
})

const nameOf = (block: number) => `blocks.${block}.adaptmlp`

/**
 * The seams of adapters whose weights are given: merged ones, for example.
 * @param tensors by the names that `adapters` give them
 */
export function adapterTuning(
  tensors: NamedTensors,
  { scale = 0.1, dropout: rate = 0 }: Pick<AdapterOptions, 'scale' | 'dropout'> = {},
  { training }: Mode = {},
): Tuning {
  return {
    branch(input, block): tf.Tensor3D {
      const weight = (layer: string) => tensors[`${nameOf(block)}.${layer}.weight`] as Tensor2D
      const bias = (layer: string) => tensors[`${nameOf(block)}.${layer}.bias`] as Tensor1D
      const hidden = tf.relu(linear(input, weight('down_proj'), bias('down_proj')))
      const kept = training ? dropout(hidden, rate, training) : hidden
      return tf.mul(linear(kept, weight('up_proj'), bias('up_proj')), scale)
    },
  }
}
