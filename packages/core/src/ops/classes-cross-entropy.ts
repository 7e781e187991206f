import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import { crossEntropy } from './cross-entropy'

/**
 * Cross-entropy in which only some classes compete, a task's own: the rows of all others get no push, so that what they learned
 * stays. PILOT's prompt methods and LAE set the logits of other classes to −∞, which is the same.
 * @param logits [batch, classes]
 * @param labels [batch], int32, all of them among `classes`
 * @param classes labels that follow one another; where there are gaps, what lies in them competes too
 */
export function classesCrossEntropy(logits: Tensor2D, labels: Tensor1D, classes: readonly number[]): Scalar {
  const first = Math.min(...classes)
  const own = tf.slice(logits, [0, first], [-1, Math.max(...classes) + 1 - first])
  return crossEntropy(own, tf.sub(labels, first))
}
