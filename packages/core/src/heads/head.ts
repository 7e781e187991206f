import type { Tensor2D } from '@tensorflow/tfjs-core'
import type { Part } from '../learning/part'
import type { Rng } from '../random/rng'

export interface GrowOptions {
  /** What new rows hold: drawn anew, zeros, or given as [new classes, width]. Each head has its own default. */
  rows?: 'random' | 'zero' | Tensor2D
  /** Wider features from now on: old rows keep their columns, the rest is drawn anew. */
  width?: number
  /** Where random numbers come from, in place of the head's own generator. */
  rng?: Rng
}

/** A classifier on features. It knows no class until it first grows. */
export interface Head extends Part {
  readonly classes: number
  readonly width: number
  /** Makes room for classes up to this total; rows of known classes keep their values. */
  grow(classes: number, options?: GrowOptions): void
  /** [batch, width] → [batch, classes] */
  apply(features: Tensor2D): Tensor2D
}
