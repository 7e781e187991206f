import { readFileSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import type { TransformerBackbone } from '../contracts/backbone'
import { createVit } from '../backbones/vit/vit'
import { readSafetensors } from '../safetensors/index'

export const tinyConfig = { imageSize: 32, patchSize: 8, width: 32, depth: 6, heads: 4 }

/** A small vision transformer with four images and what timm 0.6.12 on torch 1.13 computes as their features. */
export function tinyVit(): { vit: TransformerBackbone; images: Tensor4D; features: Tensor2D } {
  const file = readFileSync(new URL('../__fixtures__/tiny-vit.safetensors', import.meta.url))
  const { images, features, ...weights } = readSafetensors(file)
  const channelsLast = tf.transpose(images!, [0, 2, 3, 1]) as Tensor4D
  images!.dispose()
  return { vit: createVit(tinyConfig, weights, { name: 'tiny' }), images: channelsLast, features: features as Tensor2D }
}
