import type { Value } from '../../graph/value'
import type { Strategy } from '../strategy'
import type { ConvShapes } from './geometry'

/** What the convolution itself adds to its result, and applies to the sum, where its form can. */
export interface Epilogue {
  bias?: Value
  relu?: boolean
}

/** Images by a filter. */
export interface Forward extends Strategy<{ x: Value; filter: Value } & Epilogue, ConvShapes> {
  /** Whether it sees to the epilogue; elsewhere that is recorded after it. */
  readonly hasEpilogue?: boolean
}

/** The gradient by the images. */
export type InputGradient = Strategy<{ dy: Value; filter: Value }, ConvShapes>

/** The gradient by the filter. */
export type FilterGradient = Strategy<{ x: Value; dy: Value }, ConvShapes>
