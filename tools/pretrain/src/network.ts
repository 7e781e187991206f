import { createVariables, createVit } from '@pilotjs/core'
import type { NamedVariables, Rng, TransformerBackbone } from '@pilotjs/core'
import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core'
import type { IconBatch } from './icon-batches'
import { initialWeights } from './initial-weights'
import { pairLoss } from './pair-loss'
import { dropPatches } from './patch-dropout'
import type { Recipe } from './recipe'

/** The transformer in training. */
export interface Network {
  backbone: TransformerBackbone
  /** by timm's names */
  variables: NamedVariables
  /** mean of the losses of the class tokens and of the mean patch tokens: all of the sequence learns what the icon is */
  loss(batch: IconBatch): Scalar
  /** [batch, size, size, 3] → [batch, width], the class token */
  features(images: Tensor4D): Tensor2D
  dispose(): void
}

export function createNetwork({ model, temperature }: Recipe, rng: Rng): Network {
  const start = initialWeights(model, rng.fork('weights'))
  const variables = createVariables(start)
  const backbone = createVit(model, start, { name: 'vit-icons' })
  return {
    backbone,
    variables,
    loss({ images, kept }) {
      const tokens = backbone.tokens(images, { parameters: variables, ...(kept && { tuning: dropPatches(kept) }) })
      const [batch, , width] = tokens.shape
      const classToken = tf.reshape(tf.slice(tokens, [0, 0, 0], [batch, 1, width]), [batch, width]) as Tensor2D
      const patches = tf.mean(tf.slice(tokens, [0, 1, 0]) as Tensor3D, 1) as Tensor2D
      return tf.mul(tf.add(pairLoss(classToken, temperature), pairLoss(patches, temperature)), 0.5) as Scalar
    },
    features: (images) => backbone.features(images, { parameters: variables }),
    dispose() {
      backbone.dispose()
      tf.dispose(variables as Record<string, tf.Tensor>)
    },
  }
}
