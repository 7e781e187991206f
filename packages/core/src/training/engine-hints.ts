import * as tf from '@tensorflow/tfjs-core'
import type { Backbone, Precision } from '../contracts/backbone'
import { EngineError } from '../engine/engine-error'

/** Lets an engine that records before it computes start on what it has; others have no such verb. */
export function flushEngine(): void {
  ;(tf.backend() as { flush?(): void }).flush?.()
}

/**
 * Says that tensors keep their elements as long as they live: an engine that compiles programs may then hold them as constants.
 * Variables that are to be trained must be made of copies (`createVariables`), or the first step has a program of its own.
 */
export function freezeOnEngine(tensors: readonly tf.Tensor[]): void {
  const engine = tf.backend() as { freeze?(tensor: tf.Tensor): void }
  if (engine.freeze) for (const tensor of tensors) engine.freeze(tensor)
}

/** An engine that computes with narrow copies of frozen weights. */
export interface NarrowEngine {
  /** Whether it does so where it runs now. */
  readonly takesNarrow: boolean
  /** Keeps a tensor's elements in 16 bits. */
  narrow(tensor: tf.Tensor): void
  /** Makes a copy of a matrix in 8 bits, for products inside `inInt8`. */
  quantize(matrix: tf.Tensor): void
  inInt8<T>(work: () => T): T
}

/** The engine that runs. @throws EngineError `engine-precision` where it has floats of 32 bits only */
export function requireNarrowEngine(precision: Precision): NarrowEngine {
  const engine = tf.backend() as Partial<NarrowEngine>
  if (engine.takesNarrow) return engine as NarrowEngine
  throw new EngineError(
    'engine-precision',
    `precision ${precision} needs the engine "onnx" where a processor computes; "${tf.getBackend()}" has floats of 32 bits only`,
    { engine: tf.getBackend(), precision },
  )
}

/**
 * Computes what nothing trains through at a backbone's precision.
 * @throws EngineError `engine-precision` where another engine runs than when the backbone was brought to it
 */
export function atPrecisionOf<T>({ precision }: Pick<Backbone, 'precision'>, work: () => T): T {
  if (precision !== 'int8') return work()
  return requireNarrowEngine(precision).inInt8(work)
}
