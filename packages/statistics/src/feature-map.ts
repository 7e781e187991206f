import { slice } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'

/** A range of a map's outputs. */
export interface Columns {
  readonly start: number
  readonly count: number
}

/** A frozen function of features whose outputs can be computed a few columns at a time, so that wide ones need little memory. */
export interface FeatureMap {
  /** Numbers per image after the map. */
  readonly outputs: number
  /** [images, width] → [images, outputs], or only the columns asked for. */
  apply(features: Tensor2D, columns?: Columns): Tensor2D
}

/** The features as they are. */
export function identityMap(width: number): FeatureMap {
  return {
    outputs: width,
    apply: (features, columns) =>
      columns ? slice(features, [0, columns.start], [features.shape[0], columns.count]) : features.clone(),
  }
}
