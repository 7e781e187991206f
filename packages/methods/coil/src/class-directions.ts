import { featuresOf } from '@pilotjs/core/features'
import { l2Normalize } from '@pilotjs/core/ops'
import type { FeatureExtractor, LabeledImages, LearnContext } from '@pilotjs/core'
import { classMeans } from '@pilotjs/statistics'
import { add, div, norm, tidy } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'

/**
 * Where a class lies: the mean of its images' unit features, of unit length.
 * @param classes which labels, in the order of the result's rows
 * @returns [classes, width]; the caller's to dispose
 */
export async function classDirections(
  images: LabeledImages,
  classes: readonly number[],
  extractor: FeatureExtractor,
  context: LearnContext,
): Promise<Tensor2D> {
  const features = await featuresOf(images, extractor, context)
  try {
    return tidy(() => {
      const units: Tensor2D = div(features, add(norm(features, 2, 1, true), 1e-8))
      return l2Normalize(classMeans(units, images.labels, classes))
    })
  } finally {
    features.dispose()
  }
}
