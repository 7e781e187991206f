import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor4D, Variable } from '@tensorflow/tfjs-core'
import { differentiable } from '../ops/differentiable'

/** The five tensors of a batch norm, [channels] each. */
export interface BatchNormWeights {
  readonly weight: Tensor
  readonly bias: Tensor
  readonly runningMean: Tensor
  readonly runningVariance: Tensor
}

/** How far each training batch moves the running statistics: torch's default. */
export const batchNormMomentum = 0.1

const overPixels = [0, 1, 2]

/**
 * Batch normalisation (Ioffe and Szegedy, 2015; torch's `BatchNorm2d` in `eval`): by the running statistics, channel by
 * channel.
 * @param x [batch, height, width, channels]
 */
export function batchNormEval(x: Tensor4D, weights: BatchNormWeights, epsilon: number): Tensor4D {
  const scale = tf.mul(weights.weight, tf.rsqrt(tf.add(weights.runningVariance, epsilon)))
  const shift = tf.sub(weights.bias, tf.mul(weights.runningMean, scale))
  return tf.add(tf.mul(x, scale), shift)
}

/**
 * The same in `train`: by the batch's own mean and biased variance. Running statistics that are variables move a tenth of
 * the way to the batch's (to its unbiased variance, as torch does).
 */
export function batchNormTrain(x: Tensor4D, weights: BatchNormWeights, epsilon: number): Tensor4D {
  const count = x.size / x.shape[3]
  if (count < 2) throw new Error('batch norm: training needs more than one value per channel; use a larger batch')
  return differentiable({
    inputs: { x, weight: weights.weight, bias: weights.bias },
    forward(save) {
      const rows = tf.reshape(x, [count, x.shape[3]])
      const mean = tf.mean(rows, 0)
      const centred = tf.sub(rows, mean)
      const variance = tf.mean(tf.square(centred), 0)
      move(weights.runningMean, mean)
      move(weights.runningVariance, tf.mul(variance, count / (count - 1)))
      const inverseDeviation = tf.rsqrt(tf.add(variance, epsilon))
      const normal = tf.reshape(tf.mul(centred, inverseDeviation), x.shape)
      save([normal, inverseDeviation, weights.weight])
      return tf.add(tf.mul(normal, weights.weight), weights.bias) as Tensor4D
    },
    backward(dy, saved) {
      const [normal, inverseDeviation, weight] = saved as [Tensor, Tensor, Tensor]
      const slope = tf.sum(tf.mul(dy, normal), overPixels)
      const shift = tf.sum(dy, overPixels)
      return {
        x: () => {
          const own = tf.sub(tf.sub(dy, tf.mul(normal, tf.div(slope, count))), tf.div(shift, count))
          return tf.mul(own, tf.mul(weight, inverseDeviation))
        },
        weight: () => slope,
        bias: () => shift,
      }
    },
  })
}

const isVariable = (tensor: Tensor): tensor is Variable => tensor instanceof tf.Variable

function move(running: Tensor, observed: Tensor): void {
  if (isVariable(running))
    running.assign(tf.add(tf.mul(running, 1 - batchNormMomentum), tf.mul(observed, batchNormMomentum)))
}
