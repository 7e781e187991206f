import * as tf from '@tensorflow/tfjs-core'
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import { mendEngine } from '../engine/mend-engine'

/**
 * A row per label with `on` at its class and `off` elsewhere; a label outside [0, classes) has no `on`.
 * @param labels [batch], integers of any dtype
 * @returns [batch, classes], float32
 */
export function oneHot(labels: Tensor1D, classes: number, on = 1, off = 0): Tensor2D {
  mendEngine()
  // TensorFlow.js refuses a single class.
  const rows = tf.oneHot(tf.cast(labels, 'int32'), Math.max(classes, 2), on, off, 'float32') as Tensor2D
  return classes < 2 ? tf.slice(rows, [0, 0], [-1, classes]) : rows
}
