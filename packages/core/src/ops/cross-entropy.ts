import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import { differentiable } from './differentiable'
import { oneHot } from './one-hot'
import { expectShapes } from './shapes'

export interface CrossEntropyOptions {
  /** Part of the target spread evenly over all classes (Szegedy et al., 2016), 0 … 1. Default 0. */
  labelSmoothing?: number
}

/**
 * Mean over the batch of −log softmax(logits)[label].
 * @param logits [batch, classes]
 * @param labels [batch], int32 in [0, classes)
 */
export function crossEntropy(logits: Tensor2D, labels: Tensor1D, options: CrossEntropyOptions = {}): Scalar {
  const { labelSmoothing = 0 } = options
  const classes = logits.shape[1]
  const [on, off] = [1 - labelSmoothing + labelSmoothing / classes, labelSmoothing / classes]
  return softTargetCrossEntropy(logits, oneHot(labels, classes, on, off))
}

/**
 * Mean over the batch of −Σ target · log softmax(logits). The target is differentiated through unless it is a constant.
 * @param logits [batch, classes]
 * @param targets [batch, classes], rows that sum to 1
 */
export function softTargetCrossEntropy(logits: Tensor2D, targets: Tensor2D): Scalar {
  expectShapes('crossEntropy', tf.util.arraysEqual(logits.shape, targets.shape), 'a target is wanted for every logit', {
    logits,
    targets,
  })
  const batch = logits.shape[0]
  return differentiable({
    inputs: { logits, targets },
    forward(save) {
      const logProbabilities = tf.logSoftmax(logits)
      save([logProbabilities, targets])
      return tf.neg(tf.div(tf.sum(tf.mul(logProbabilities, targets)), batch)) as Scalar
    },
    backward(dy, saved) {
      const [logProbabilities, targets] = saved as [Tensor2D, Tensor2D]
      const scale = tf.div(dy, batch) as Tensor
      return {
        logits: () => {
          const mass = tf.sum(targets, -1, true)
          return tf.mul(tf.sub(tf.mul(tf.exp(logProbabilities), mass), targets), scale)
        },
        targets: () => tf.mul(tf.neg(logProbabilities), scale),
      }
    },
  })
}

/**
 * Gradient of `softTargetCrossEntropy` by its logits: for whoever needs that of one loss among several.
 * @param logits [batch, classes]
 * @param targets [batch, classes], rows that sum to 1
 */
export const softTargetGradient = (logits: Tensor2D, targets: Tensor2D): Tensor2D =>
  tf.div(tf.sub(tf.softmax(logits), targets), logits.shape[0])

/**
 * Knowledge distillation as PILOT has it: cross-entropy between softened outputs, without the factor temperature²
 * (Hinton, Vinyals and Dean, 2015, have it with).
 * @param student [batch, classes] logits
 * @param teacher [batch, classes] logits
 */
export function distillation(student: Tensor2D, teacher: Tensor2D, temperature: number): Scalar {
  return softTargetCrossEntropy(tf.div(student, temperature), tf.softmax(tf.div(teacher, temperature) as Tensor2D))
}
