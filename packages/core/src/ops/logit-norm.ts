import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core'

/**
 * Logits divided by their length and a temperature: for a loss that cares for directions only. The length is the mean over the
 * tasks of ‖a task's logits‖₂ + 1e-7, as SLCA aligns its classifiers (Zhang et al., ICCV 2023, https://arxiv.org/abs/2303.05118,
 * in the form of its code). It is differentiated through.
 * @param logits [batch, classes]
 * @param sizes how many of the classes each task brought, in order
 */
export function normalizeLogits(logits: Tensor2D, sizes: readonly number[], temperature: number): Tensor2D {
  const classes = sizes.reduce((sum, size) => sum + size, 0)
  if (classes !== logits.shape[1])
    throw new RangeError(`normalizeLogits: the tasks bring ${classes} classes, and there are ${logits.shape[1]} logits`)
  let first = 0
  const lengths = sizes.map((size) => {
    const own = tf.slice(logits, [0, first], [-1, size])
    first += size
    // The root of zero has no slope; where a task's logits are all zero, neither has the length.
    return tf.add(tf.sqrt(tf.maximum(tf.sum(tf.square(own), 1, true), 1e-24)), 1e-7) as Tensor
  })
  return tf.div(logits, tf.mul(tf.addN(lengths), temperature / sizes.length))
}
