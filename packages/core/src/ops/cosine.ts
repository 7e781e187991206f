import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core'
import { differentiable } from './differentiable'
import { expectShapes } from './shapes'

/**
 * x / max(‖x‖₂, ε) along an axis, as torch's `F.normalize`: a zero vector stays zero, and its gradient is finite.
 * @returns the shape of x
 */
export function l2Normalize<T extends Tensor>(x: T, axis = -1, epsilon = 1e-12): T {
  return differentiable({
    inputs: { x },
    forward(save) {
      const length = tf.maximum(tf.sqrt(tf.sum(tf.square(x), axis, true)), epsilon)
      const y = tf.div(x, length) as T
      save([y, length])
      return y
    },
    backward: (dy, saved) => {
      const [y, length] = saved as [Tensor, Tensor]
      return {
        x: () => {
          // Where ε was the larger, the length is a constant.
          const along = tf.mul(tf.sum(tf.mul(dy, y), axis, true), tf.cast(tf.greater(length, epsilon), 'float32'))
          return tf.div(tf.sub(dy, tf.mul(y, along)), length)
        },
      }
    },
  })
}

/**
 * Cosine of every feature with every row of a weight.
 * @param features [batch, width]
 * @param weight [classes, width]
 * @returns [batch, classes], 0 for a row of zeros
 */
export function cosineSimilarity(features: Tensor2D, weight: Tensor2D): Tensor2D {
  expectShapes('cosineSimilarity', features.shape[1] === weight.shape[1], 'features and weight must be equally wide', {
    features,
    weight,
  })
  return tf.matMul(l2Normalize(features), l2Normalize(weight), false, true)
}
