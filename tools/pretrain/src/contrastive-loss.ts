import { l2Normalize, softTargetCrossEntropy } from '@pilotjs/core'
import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'

/** Unit features of earlier drawings; a label below 0 marks a place that is still empty. */
export interface Remembered {
  /** [size, width] */
  features: Tensor2D
  /** [size], int32 */
  labels: Tensor1D
}

export interface ContrastiveLoss {
  loss: Scalar
  /** [batch, width]: the batch's features at length 1 */
  unit: Tensor2D
}

/**
 * Supervised contrastive loss (Khosla et al., NeurIPS 2020, eq. 2): each drawing is to find the other drawings of its
 * concept, by cosine, among all of the batch and of a memory of earlier batches (Wang et al., "Cross-Batch Memory for
 * Embedding Learning", CVPR 2020). The memory is a constant: no gradient reaches it.
 *
 * @param features [batch, width]; every drawing has a partner in the batch
 * @param labels [batch], int32 concepts
 * @param temperature cosines are divided by it
 */
export function contrastiveLoss(
  features: Tensor2D,
  labels: Tensor1D,
  temperature: number,
  remembered?: Remembered,
): ContrastiveLoss {
  const batch = features.shape[0]
  const unit = l2Normalize(features)
  const all = remembered ? tf.concat([unit, remembered.features]) : unit
  const allLabels = remembered ? tf.concat([labels, remembered.labels]) : labels
  const others = all.shape[0] - batch
  const itself = tf.pad(tf.eye(batch), [
    [0, 0],
    [0, others],
  ]) as Tensor2D
  const empty = tf.expandDims(tf.cast(tf.less(allLabels, 0), 'float32'), 0)
  const same = tf.cast(tf.equal(tf.expandDims(labels, 1), tf.expandDims(allLabels, 0)), 'float32')
  const partners = tf.sub(same, itself) as Tensor2D
  const cosines = tf.div(tf.matMul(unit, all, false, true), temperature)
  const logits = tf.sub(cosines, tf.mul(tf.add(itself, empty), 1e4)) as Tensor2D
  return { loss: softTargetCrossEntropy(logits, tf.div(partners, tf.sum(partners, 1, true))), unit }
}
