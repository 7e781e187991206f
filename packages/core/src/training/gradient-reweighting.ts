import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'

/** Gradient of a linear head: of its weight [classes, width] and bias [classes]. */
export interface HeadGradient {
  readonly weight: Tensor2D
  readonly bias: Tensor1D
}

/**
 * Gradient of a linear head under a loss whose gradient by the logits is known.
 * @param features [batch, width]
 * @param byLogits [batch, classes]
 */
export const headGradient = (features: Tensor2D, byLogits: Tensor2D): HeadGradient => ({
  weight: tf.matMul(byLogits, features, true),
  bias: tf.sum(byLogits, 0),
})

export interface ReweightingOptions {
  /** Classes of the head. */
  classes: number
  /** How many of them are old. 0: no old ones, and nothing is distilled. */
  known: number
  /** How fast new classes lose weight as old ones become more: e^(−decay · known / classes). PILOT's `gammar_r`. Default 1. */
  decay?: number
  /**
   * Distilled gradients that are shorter than this part of the reweighted ones count as rounding noise, and are left out: at the
   * first step the network still is the old one, and nothing is to be distilled. 0 as PILOT, which blows the noise up. Default
   * 1e-5.
   */
  noise?: number
}

/** Keeps account of a head's gradients while a task trains. */
export interface GradientReweighting {
  /**
   * The gradient that the head is to take in place of `learned`. Inside `tf.tidy`.
   * @param learned of the classification loss
   * @param distilled of the distillation loss by the rows of old classes, without any factor
   */
  apply(learned: HeadGradient, distilled?: HeadGradient): HeadGradient
  /** [classes]: the lengths of each row's gradients, summed over the steps so far. */
  readonly accumulated: Tensor1D
  dispose(): void
}

/**
 * Gradient reweighting against the bias towards frequent classes (He, CVPR 2024, "Gradient Reweighting: Towards Imbalanced
 * Class-Incremental Learning", https://arxiv.org/abs/2402.18528): each row's gradient is scaled by the least accumulated length
 * over its own, old rows and new rows each for themselves; both groups by how much new rows have moved compared to old ones, new
 * ones less the more old classes there are. The distilled gradient is brought to the length of the reweighted one.
 */
export function gradientReweighting(options: ReweightingOptions): GradientReweighting {
  const { classes, known, decay = 1, noise = 1e-5 } = options
  const sums = tf.tidy(() => tf.variable(tf.zeros([classes]) as Tensor1D))
  const lengthsOf = (rows: Tensor2D) => tf.sqrt(tf.sum(tf.square(rows), 1)) as Tensor1D

  /** The least of some over each of them. */
  const evened = (own: Tensor1D): Tensor1D => tf.div(tf.min(own), tf.maximum(own, 1e-30))
  const weightsOf = (accumulated: Tensor1D): Tensor1D => {
    if (known === 0) return evened(accumulated)
    const [old, fresh] = tf.split(accumulated, [known, classes - known]) as [Tensor1D, Tensor1D]
    const ratio = tf.div(tf.mean(fresh), tf.mean(old)) as Scalar
    const capped = (factor: number) => tf.minimum(tf.mul(ratio, factor), 1)
    return tf.concat([
      tf.mul<Tensor1D>(evened(old), capped(1)),
      tf.mul<Tensor1D>(evened(fresh), capped(Math.exp((-decay * known) / classes))),
    ])
  }
  const lengthened = (rows: Tensor, like: Tensor) =>
    tf.pad(rows, [[0, classes - known], ...like.shape.slice(1).map(() => [0, 0] as [number, number])])

  return {
    apply(learned, distilled) {
      const lengths = lengthsOf(learned.weight)
      sums.assign(tf.add(sums, lengths))
      const weights = weightsOf(sums)
      const weighted = {
        weight: tf.mul(learned.weight, tf.expandDims(weights, 1)),
        bias: tf.mul(learned.bias, weights),
      }
      if (!distilled) return weighted as HeadGradient
      const length = tf.norm(tf.mul(weights, lengths))
      const own = tf.norm(lengthsOf(distilled.weight))
      const counts = tf.cast(tf.greater(own, tf.mul(length, noise)), 'float32')
      const ratio = tf.mul(tf.div(length, tf.maximum(own, 1e-30)), counts)
      return {
        weight: tf.add(weighted.weight, tf.mul(lengthened(distilled.weight, learned.weight), ratio)),
        bias: tf.add(weighted.bias, tf.mul(lengthened(distilled.bias, learned.bias), ratio)),
      }
    },
    get accumulated() {
      return sums as Tensor as Tensor1D
    },
    dispose: () => sums.dispose(),
  }
}
