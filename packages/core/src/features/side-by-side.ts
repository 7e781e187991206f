import { concat } from '@tensorflow/tfjs-core'
import type { FeatureExtractor } from '../contracts/features'

/** The features of several extractors next to each other; a cache keeps each extractor's on its own. */
export const sideBySide = (parts: readonly FeatureExtractor[]): FeatureExtractor => ({
  parts,
  width: parts.reduce((sum, part) => sum + part.width, 0),
  apply: (images) =>
    concat(
      parts.map((part) => part.apply(images)),
      1,
    ),
})
