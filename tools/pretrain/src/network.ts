import { createVariables, createVit, crossEntropy, linear } from '@pilotjs/core'
import type { NamedVariables, Rng, TransformerBackbone } from '@pilotjs/core'
import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core'
import type { IconBatch } from './icon-batches'
import { initialWeights } from './initial-weights'
import { dropPatches } from './patch-dropout'
import type { Recipe } from './recipe'

/** The transformer in training, with the classification head that pre-training throws away. */
export interface Network {
  backbone: TransformerBackbone
  /** the transformer's weights by timm's names, and `head.weight`, `head.bias` */
  variables: NamedVariables
  /** mean of the cross-entropies on the class token and on the mean of the patch tokens, one head for both */
  loss(batch: IconBatch): Scalar
  /** [batch, size, size, 3] → [batch, classes], from the class token */
  logits(images: Tensor4D): Tensor2D
  /** [batch, size, size, 3] → [batch, width], the class token */
  features(images: Tensor4D): Tensor2D
  dispose(): void
}

export function createNetwork(recipe: Recipe, classes: number, rng: Rng): Network {
  const { model, labelSmoothing } = recipe
  const start = initialWeights(model, rng.fork('weights'))
  const head = {
    'head.weight': tf.tensor2d(rng.fork('head').normals(classes * model.width, 0, 0.02), [classes, model.width]),
    'head.bias': tf.zeros<tf.Rank.R1>([classes]),
  }
  const variables = createVariables({ ...start, ...head })
  tf.dispose(head)
  const backbone = createVit(model, start, { name: 'vit-icons' })
  const classify = (features: Tensor2D) => linear(features, variables['head.weight']!, variables['head.bias']!)
  return {
    backbone,
    variables,
    loss({ images, labels, kept }) {
      const tokens = backbone.tokens(images, { parameters: variables, ...(kept && { tuning: dropPatches(kept) }) })
      const [batch, , width] = tokens.shape
      const classToken = tf.reshape(tf.slice(tokens, [0, 0, 0], [batch, 1, width]), [batch, width]) as Tensor2D
      const patches = tf.mean(tf.slice(tokens, [0, 1, 0]) as Tensor3D, 1) as Tensor2D
      const logits = classify(tf.concat([classToken, patches], 0))
      return crossEntropy(logits, tf.concat([labels, labels], 0), { labelSmoothing })
    },
    logits: (images) => classify(backbone.features(images, { parameters: variables })),
    features: (images) => backbone.features(images, { parameters: variables }),
    dispose() {
      backbone.dispose()
      tf.dispose(variables as Record<string, tf.Tensor>)
    },
  }
}
