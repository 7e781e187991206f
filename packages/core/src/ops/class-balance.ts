import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import { crossEntropy, softTargetCrossEntropy } from './cross-entropy'

/**
 * Weights of classes by the effective number of their images: (1 − β) / (1 − β^count), scaled to a mean of 1 (Cui et al., CVPR
 * 2019,
 * https://arxiv.org/abs/1901.05555). FOSTER balances old classes and new ones by it.
 * @param counts images of each class, 1 or more
 * @param beta 0 (all alike) up to, but not including, 1 (inverse frequency)
 */
export function effectiveNumberWeights(counts: ArrayLike<number>, beta: number): Float32Array {
  if (!(beta >= 0 && beta < 1)) throw new RangeError(`effectiveNumberWeights: beta must be in [0, 1), got ${beta}`)
  const weights = Array.from(counts, (count, label) => {
    if (!(count > 0)) throw new RangeError(`effectiveNumberWeights: class ${label} has ${count} images, and needs some`)
    return (1 - beta) / (1 - beta ** count)
  })
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length
  return Float32Array.from(weights, (weight) => weight / mean)
}

/**
 * Cross-entropy of logits divided by their classes' weights: what FOSTER boosts features by (Wang et al., ECCV 2022,
 * https://arxiv.org/abs/2204.04662).
 * @param logits [batch, classes]
 * @param labels [batch], int32 in [0, classes)
 * @param weights [classes]
 */
export const balancedCrossEntropy = (logits: Tensor2D, labels: Tensor1D, weights: Tensor1D): Scalar =>
  crossEntropy(tf.div(logits, weights), labels)

/**
 * Distillation from a teacher whose softened probabilities are weighted by class and scaled back to a sum of 1 (FOSTER). Without
 * the factor temperature², as `distillation`.
 * @param student [batch, classes] logits
 * @param teacher [batch, classes] logits
 * @param weights [classes]
 */
export function balancedDistillation(
  student: Tensor2D,
  teacher: Tensor2D,
  weights: Tensor1D,
  temperature: number,
): Scalar {
  const weighted: Tensor2D = tf.mul(tf.softmax(tf.div(teacher, temperature) as Tensor2D), weights)
  const targets: Tensor2D = tf.div(weighted, tf.sum(weighted, 1, true))
  return softTargetCrossEntropy(tf.div(student, temperature), targets)
}

/**
 * log(count / Σ counts) of each class: added to logits in training, it takes the classes' frequencies out of what they learn
 * (logit adjustment, Menon et al., ICLR 2021, https://arxiv.org/abs/2007.07314; DGR).
 * @param counts images of each class in the training set, 1 or more
 * @returns [classes]
 */
export function logPriors(counts: ArrayLike<number>): Tensor1D {
  const all = Array.from(counts)
  const total = all.reduce((sum, count) => sum + count, 0)
  all.forEach((count, label) => {
    if (!(count > 0)) throw new RangeError(`logPriors: class ${label} has ${count} images, and needs some`)
  })
  return tf.tensor1d(all.map((count) => Math.log(count / total)))
}
