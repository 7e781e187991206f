import { createVit } from '@pilotjs/core/backbones'
import { createVariables } from '@pilotjs/core/parameters'
import type { NamedVariables, TransformerBackbone } from '@pilotjs/core'
import type { Rng } from '@pilotjs/core/random'
import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core'
import { conceptLoss } from './concept-loss'
import type { IconBatch } from './icon-batches'
import { initialWeights } from './initial-weights'
import { pairLoss } from './pair-loss'
import { dropPatches } from './patch-dropout'
import type { Recipe } from './recipe'

/** The transformer in training. */
export interface Network {
  backbone: TransformerBackbone
  /** the transformer's, by timm's names */
  variables: NamedVariables
  /** [concepts, width] under `PROXIES`, where the recipe has a loss for it; no part of the backbone */
  proxies: NamedVariables
  /**
   * mean of the pair losses of the class tokens and of the mean patch tokens (all of the sequence learns what the icon is), plus
   * the weighted concept loss of the class tokens
   */
  loss(batch: IconBatch): Scalar
  /** [batch, size, size, 3] → [batch, width], the class token */
  features(images: Tensor4D): Tensor2D
  dispose(): void
}

export const PROXIES = 'concepts.weight'

export function createNetwork({ model, temperature, conceptWeight }: Recipe, concepts: number, rng: Rng): Network {
  const start = initialWeights(model, rng.fork('weights'))
  const variables = createVariables(start)
  const backbone = createVit(model, start, { name: 'vit-icons' })
  const proxies: NamedVariables = conceptWeight > 0 ? { [PROXIES]: tf.variable(tf.zeros([concepts, model.width])) } : {}
  return {
    backbone,
    variables,
    proxies,
    loss({ images, labels, kept }) {
      const tokens = backbone.tokens(images, { parameters: variables, ...(kept && { tuning: dropPatches(kept) }) })
      const [batch, , width] = tokens.shape
      const classToken = tf.reshape(tf.slice(tokens, [0, 0, 0], [batch, 1, width]), [batch, width]) as Tensor2D
      const patches = tf.mean(tf.slice(tokens, [0, 1, 0]) as Tensor3D, 1) as Tensor2D
      const pairs = tf.mul(tf.add(pairLoss(classToken, temperature), pairLoss(patches, temperature)), 0.5) as Scalar
      if (conceptWeight === 0) return pairs
      const apart = conceptLoss(classToken, proxies[PROXIES] as unknown as Tensor2D, labels, temperature)
      return tf.add(pairs, tf.mul(apart, conceptWeight)) as Scalar
    },
    features: (images) => backbone.features(images, { parameters: variables }),
    dispose() {
      backbone.dispose()
      tf.dispose({ ...variables, ...proxies } as Record<string, tf.Tensor>)
    },
  }
}
