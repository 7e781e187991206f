import type { Tensor2D } from '@tensorflow/tfjs-core'
import type { Backbone } from '../contracts/backbone'
import type { FeatureExtractor } from '../contracts/features'
import type { LabeledImages } from '../contracts/images'
import type { LearnContext } from '../contracts/learner'
import { atPrecisionOf } from '../training/engine-hints'

/** The backbone as it was pre-trained, as a feature extractor: its features are computed once per image. */
export const frozenFeatures = (backbone: Backbone): FeatureExtractor => ({
  id: () => backbone.fingerprint(),
  width: backbone.width,
  apply: (images) => atPrecisionOf(backbone, () => backbone.features(images)),
})

/** Features of a set of images through the context's cache, with its progress and its signal. The caller disposes them. */
export const featuresOf = (
  images: LabeledImages,
  extractor: FeatureExtractor,
  context: Pick<LearnContext, 'features' | 'signal' | 'report'>,
): Promise<Tensor2D> =>
  context.features.extract(images, extractor, {
    signal: context.signal,
    onProgress: (done, total) => context.report({ kind: 'features', done, total }),
  })
