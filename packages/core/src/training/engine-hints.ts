import * as tf from '@tensorflow/tfjs-core'

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
