import * as tf from '@tensorflow/tfjs-core'

/** Lets an engine that records before it computes start on what it has; others have no such verb. */
export function flushEngine(): void {
  ;(tf.backend() as { flush?(): void }).flush?.()
}
