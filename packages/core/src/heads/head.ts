import type { Tensor2D } from '@tensorflow/tfjs-core'
import type { Part } from '../parts/part'
import type { Rng } from '../random/rng'

export interface GrowOptions {
  /**
   * What new rows and new columns hold: drawn anew, zeros, or rows given as [new classes, width]. Each head has its own default.
   */
  rows?: 'random' | 'zero' | Tensor2D
  /** Wider features from now on: old rows keep their columns. */
  width?: number
  /** Where random numbers come from, in place of the head's own generator. */
  rng?: Rng
}

export interface ResetOptions extends GrowOptions {
  /** A cosine head's learned factor stays as it is. Default false: it is 1 again. */
  keepScale?: boolean
}

/** A classifier on features. It knows no class until it first grows. */
export interface Head extends Part {
  readonly classes: number
  readonly width: number
  /** [batch, width] → [batch, classes] */
  apply(features: Tensor2D): Tensor2D
  /** Makes room for classes up to this total; rows of known classes keep their values. */
  grow(classes: number, options?: GrowOptions): void
  /** Forgets all classes and begins anew with so many. */
  reset(classes: number, options?: ResetOptions): void
  /** The rows of these classes, or of all: [labels, width]. The caller's to tidy. */
  rows(labels?: readonly number[]): Tensor2D
  /** Puts rows in place of those of these classes, or of all. @param rows [labels, width] */
  setRows(labels: readonly number[] | 'all', rows: Tensor2D): void
  /** Takes over all that another head of this kind holds. */
  copyFrom(head: Head): void
}
