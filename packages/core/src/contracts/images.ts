import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core'
import type { Rng } from '../random/rng'

/** One batch, ready for a backbone. Whoever takes it from `batches()` disposes it. */
export interface Batch {
  /** [batch, height, width, 3], float32, transformed and normalised. */
  readonly images: Tensor4D
  /** [batch], int32, labels in stream order. */
  readonly labels: Tensor1D
  /** Position of each sample in the `LabeledImages` the batch was taken from. */
  readonly positions: Int32Array
  dispose(): void
}

export interface BatchOptions {
  /** Images per batch. */
  size: number
  /** `train` augments, `eval` does not. */
  view: 'train' | 'eval'
  /** Walk the samples in an order drawn from this generator; without it, in their own order. */
  shuffle?: Rng
  /** Leave out a last batch that is not full (PILOT's `drop_last`). Default false. */
  dropLast?: boolean
  /** Counted by the training loop, so that every epoch augments anew and the same epoch augments alike. Default 0. */
  epoch?: number
}

/** Images with labels: lazy, random access. A selection or a concatenation is a view and decodes nothing. */
export interface LabeledImages {
  readonly length: number
  /** Labels in stream order (0 … classes seen − 1), one a sample. */
  readonly labels: Int32Array
  /** Names how view `eval` prepares an image: kept features hold for the same preparation only. Absent where it has no name. */
  readonly preparation?: string
  /** A name that stays the same across runs: what feature caches and exemplar memories remember a sample by. */
  key(position: number): string
  /**
   * Short text that changes when the sample's contents do, where that costs less than decoding it: with it a cache notices
   * two samples of one key.
   */
  fingerprint?(position: number): string | undefined | Promise<string | undefined>
  select(positions: ArrayLike<number>): LabeledImages
  concat(other: LabeledImages): LabeledImages
  batches(options: BatchOptions): AsyncIterable<Batch>
}
