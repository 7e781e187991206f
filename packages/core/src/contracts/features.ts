import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import type { LabeledImages } from './images'

/** A function from images to features. With an `id` it is frozen: the same id promises the same features for the same image. */
export interface FeatureExtractor {
  /** Names backbone, tuning and their weights as they are now; absent where features are worth nothing to a cache. */
  id?(): Promise<string>
  /** What it puts side by side, if that is what it does: a cache takes each on its own. */
  readonly parts?: readonly FeatureExtractor[]
  /** Numbers per image. */
  readonly width: number
  /**
   * A frozen extractor whose features `apply` looks at besides the images, as a prompt pool's queries: a cache may have kept them
   * when all else has changed.
   */
  readonly known?: FeatureExtractor
  /**
   * [batch, height, width, 3] → [batch, width]. Called inside `tf.tidy`.
   * @param known the images' features by `known`, [batch, known.width]; without them it computes them itself
   */
  apply(images: Tensor4D, known?: Tensor2D): Tensor2D
}

export interface ExtractOptions {
  /** Images per forward call. Default: what suits the images, see `forwardBatch`. */
  batchSize?: number
  signal?: AbortSignal
  /** Told after every batch: images done, images in all. */
  onProgress?(done: number, total: number): void
}

/** Features of frozen extractors, computed once per image. An extractor without an id passes through uncached. */
export interface FeatureCache {
  /** [images.length, extractor.width], rows in the order of `images` (view `eval`). The caller disposes it. */
  extract(images: LabeledImages, extractor: FeatureExtractor, options?: ExtractOptions): Promise<Tensor2D>
  /** Images whose features were computed, and images whose features were found: shows that nothing is computed twice. */
  readonly stats: { readonly computed: number; readonly reused: number }
}
