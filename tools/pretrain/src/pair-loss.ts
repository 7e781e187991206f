import { l2Normalize, softTargetCrossEntropy } from '@pilotjs/core/ops'
import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core'

/**
 * Supervised contrastive loss for a batch of pairs (Sohn, "N-pair loss", NeurIPS 2016; Khosla et al., NeurIPS 2020): each
 * drawing is to find its partner, the other drawing of the same concept, among all drawings of the batch, by cosine.
 *
 * @param features [2 · pairs, width]; row i and row i + pairs are partners
 * @param temperature cosines are divided by it
 */
export function pairLoss(features: Tensor2D, temperature: number): Scalar {
  const rows = features.shape[0]
  const pairs = rows / 2
  const unit = l2Normalize(features)
  const cosines = tf.matMul(unit, unit, false, true)
  // nothing is its own partner
  const itself = tf.mul(tf.eye(rows), 1e4)
  const partners = tf.oneHot(
    tf.tensor1d(
      Int32Array.from({ length: rows }, (_, i) => (i + pairs) % rows),
      'int32',
    ),
    rows,
    1,
    0,
    'float32',
  ) as Tensor2D
  return softTargetCrossEntropy(tf.sub(tf.div(cosines, temperature), itself) as Tensor2D, partners)
}
