import type { ImageSource } from '../dataset/dataset'
import type { ImageLoader } from '../loader/image-loader'
import type { Transforms } from '../transforms/transforms'

/** A source with the means to read it: shared by all views of a stream. */
export interface Origin {
  readonly source: ImageSource
  readonly transforms: Transforms
  readonly loader: ImageLoader
  /** Decides the augmentation, together with a sample's key and the epoch. */
  readonly seed: number
  /** Batches made ahead of the one in use. */
  readonly prefetch: number
}

/** One sample of a view. */
export interface Sample {
  readonly origin: Origin
  readonly index: number
}
