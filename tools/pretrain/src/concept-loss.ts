import { crossEntropy, l2Normalize } from '@pilotjs/core/ops'
import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import type { PackedSplit } from '@pilotjs/icons-100'
import { featuresOf } from './accuracy'

/**
 * Each drawing is to find its concept among all of the corpus, by the cosine to a vector that stands for the concept and is
 * learned along (Movshovitz-Attias et al., "No fuss distance metric learning using proxies", ICCV 2017; Zhai and Wu, BMVC 2019).
 *
 * @param features [batch, width]
 * @param proxies [concepts, width], a row per concept, of any length
 * @param labels [batch], int32, the drawings' concepts
 * @param temperature cosines are divided by it
 */
export function conceptLoss(features: Tensor2D, proxies: Tensor2D, labels: Tensor1D, temperature: number): Scalar {
  const cosines = tf.matMul(l2Normalize(features), l2Normalize(proxies), false, true)
  return crossEntropy(tf.div(cosines, temperature) as Tensor2D, labels)
}

/**
 * Rows to begin with: the mean direction of each concept's drawings.
 * @param apply [batch, size, size, 3] → [batch, width]
 * @returns [concepts, width], rows of length 1; a concept without drawings has zeros
 */
export async function meanFeatures(
  split: PackedSplit,
  concepts: number,
  apply: (images: tf.Tensor4D) => Tensor2D,
): Promise<Tensor2D> {
  const { features, labels } = await featuresOf(split, apply)
  const width = features[0]!.length
  const sums = new Float32Array(concepts * width)
  features.forEach((feature, i) => {
    const length = Math.hypot(...feature) || 1
    feature.forEach((value, k) => (sums[labels[i]! * width + k]! += value / length))
  })
  return tf.tidy(() => l2Normalize(tf.tensor2d(sums, [concepts, width])))
}
