import * as tf from '@tensorflow/tfjs-core'
import { linear } from '@pilotjs/core'
import type { NamedTensors, Rng, Tuning } from '@pilotjs/core'
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import { drawnWeights } from './drawn-weights'
import { dropout } from './dropout'
import type { PeftModule } from './module'

export interface AdapterOptions {
  /** Numbers per token. */
  width: number
  /** Blocks of the transformer; each gets an adapter. */
  depth: number
  /** Numbers between down and up projection. */
  bottleneck: number
  /** Put before every name, e.g. `backbone.`. */
  prefix: string
  /** What a block's adapter is called; its tensors are `down_proj.weight`, … in it. Default `blocks.BLOCK.adaptmlp`. */
  name?: (block: number) => string
  rng: Rng
  /** What the branch is multiplied by before it joins the residual stream. Default 0.1. */
  scale?: number
  /** Share of bottleneck activations dropped while training. Default 0. */
  dropout?: number
}

const ofBlock = (block: number) => `blocks.${block}.adaptmlp`

/**
 * Adapters beside the MLP of every block: x ↦ scale · up(relu(down(x))), fed by the residual stream after attention, not
 * normalised (AdaptFormer, Chen et al., NeurIPS 2022, https://arxiv.org/abs/2205.13535). They start as nothing: `down` is
 * drawn as torch draws a linear layer, everything else is zero.
 */
export function adapters(options: AdapterOptions): PeftModule {
  const { width, depth, bottleneck, prefix, rng, scale = 0.1, dropout: rate = 0 } = options
  const { name = ofBlock } = options
  const bound = 1 / Math.sqrt(width)
  const part = drawnWeights(prefix, () => {
    const tensors: Record<string, tf.Tensor> = {}
    for (let block = 0; block < depth; block++) {
      tensors[`${name(block)}.down_proj.weight`] = tf.tensor2d(rng.uniforms(bottleneck * width, -bound, bound), [
        bottleneck,
        width,
      ])
      tensors[`${name(block)}.down_proj.bias`] = tf.zeros([bottleneck])
      tensors[`${name(block)}.up_proj.weight`] = tf.zeros([width, bottleneck])
      tensors[`${name(block)}.up_proj.bias`] = tf.zeros([width])
    }
    return tensors
  })
  return { ...part, tuning: (training) => adapterTuning(part.tensors(), { name, scale, dropout: rate }, training) }
}

/**
 * The seams of adapters whose weights are given: merged ones, for example.
 * @param tensors by their names without a prefix
 */
export function adapterTuning(
  tensors: NamedTensors,
  { name = ofBlock, scale = 0.1, dropout: rate = 0 }: Pick<AdapterOptions, 'name' | 'scale' | 'dropout'> = {},
  training?: Rng,
): Tuning {
  return {
    branch(input, block): tf.Tensor3D {
      const weight = (layer: string) => tensors[`${name(block)}.${layer}.weight`] as Tensor2D
      const bias = (layer: string) => tensors[`${name(block)}.${layer}.bias`] as Tensor1D
      const hidden = tf.relu(linear(input, weight('down_proj'), bias('down_proj')))
      const kept = training ? dropout(hidden, rate, training) : hidden
      return tf.mul(linear(kept, weight('up_proj'), bias('up_proj')), scale)
    },
  }
}
