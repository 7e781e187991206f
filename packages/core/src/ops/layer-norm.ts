import * as tf from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import { differentiable, hasKernel, runKernel } from './differentiable'
import { expectShapes, lastAxis } from './shapes'

/**
 * Layer normalisation over the last axis (Ba, Kiros and Hinton, 2016; torch's `LayerNorm`): (x − mean) / √(variance + ε) · γ + β,
 * with the biased variance.
 * @param x [..., width]
 * @param gamma [width]
 * @param beta [width]
 */
export function layerNorm<T extends Tensor>(x: T, gamma: Tensor, beta: Tensor, epsilon: number): T {
  const width = lastAxis(x)
  expectShapes('layerNorm', gamma.size === width && beta.size === width, 'gamma and beta must be as wide as x', {
    x,
    gamma,
    beta,
  })
  return hasKernel('FusedLayerNorm') && hasKernel('FusedLayerNormGrad')
    ? fromEngine(x, gamma, beta, epsilon)
    : composed(x, gamma, beta, epsilon)
}

const fromEngine = <T extends Tensor>(x: T, gamma: Tensor, beta: Tensor, epsilon: number): T =>
  differentiable({
    inputs: { x, gamma, beta },
    forward(save) {
      const [y, mean, inverseDeviation] = runKernel('FusedLayerNorm', { x, gamma, beta }, { epsilon })
      save([x, gamma, mean!, inverseDeviation!])
      return y as T
    },
    backward(dy, saved) {
      const [x, gamma, mean, inverseDeviation] = saved as [Tensor, Tensor, Tensor, Tensor]
      const [dx, dgamma, dbeta] = runKernel('FusedLayerNormGrad', { dy, x, gamma, mean, inverseDeviation })
      return { x: () => dx!, gamma: () => dgamma!, beta: () => dbeta! }
    },
  })

const composed = <T extends Tensor>(x: T, gamma: Tensor, beta: Tensor, epsilon: number): T =>
  differentiable({
    inputs: { x, gamma, beta },
    forward(save) {
      const centred = tf.sub(x, tf.mean(x, -1, true))
      const inverseDeviation = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon))
      const normal = tf.mul(centred, inverseDeviation)
      save([normal, inverseDeviation, gamma])
      return tf.add(tf.mul(normal, gamma), beta) as T
    },
    backward(dy, saved) {
      const [normal, inverseDeviation, gamma] = saved as [Tensor, Tensor, Tensor]
      const width = gamma.size
      const overRows = (tensor: Tensor) => tf.sum(tf.reshape(tensor, [-1, width]), 0)
      return {
        x: () => {
          const slope = tf.mul(dy, gamma)
          const along = tf.mean(tf.mul(slope, normal), -1, true)
          return tf.mul(tf.sub(tf.sub(slope, tf.mean(slope, -1, true)), tf.mul(normal, along)), inverseDeviation)
        },
        gamma: () => overRows(tf.mul(dy, normal)),
        beta: () => overRows(dy),
      }
    },
  })
