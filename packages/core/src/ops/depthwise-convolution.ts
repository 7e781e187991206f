import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import { differentiable } from './differentiable'

/**
 * Each channel convolved with a kernel of its own, without padding. Its gradients are made of the same operation, sums and
 * products, which every engine has.
 * @param x [batch, height, width, channels]
 * @param kernel [size, size, channels, 1]
 * @param stride of both axes
 */
export function depthwiseConvolution(x: Tensor4D, kernel: Tensor4D, stride: number): Tensor4D {
  return differentiable({
    inputs: { x, kernel },
    forward(save) {
      save([x, kernel])
      return tf.depthwiseConv2d(x, kernel, stride, 'valid')
    },
    backward(dy, saved) {
      const [x, kernel] = saved as [Tensor4D, Tensor4D]
      return {
        x: () => gradientByImage(dy as Tensor4D, x, kernel, stride),
        kernel: () => gradientByKernel(dy as Tensor4D, x, kernel, stride),
      }
    },
  })
}

const around = (x: Tensor4D, rows: readonly [number, number], columns: readonly [number, number]): Tensor4D =>
  tf.pad4d(x, [[0, 0], [...rows], [...columns], [0, 0]])

/** The result's gradient, spread by the stride, convolved with the kernel turned round. */
function gradientByImage(dy: Tensor4D, x: Tensor4D, kernel: Tensor4D, stride: number): Tensor {
  const [, height, width] = x.shape
  const size = kernel.shape[0]
  const spread = stride === 1 ? dy : spreadOut(dy, stride)
  const [, rows, columns] = spread.shape
  const before = size - 1
  const padded = around(spread, [before, height - rows], [before, width - columns])
  return tf.depthwiseConv2d(padded, tf.reverse(kernel, [0, 1]), 1, 'valid')
}

/** [batch, h, w, c] → [batch, (h − 1)·stride + 1, …, c], zeros between. */
function spreadOut(x: Tensor4D, stride: number): Tensor4D {
  const [batch, height, width, channels] = x.shape
  const apart = tf.pad(tf.reshape(x, [batch * height, 1, width, channels]), [
    [0, 0],
    [0, stride - 1],
    [0, 0],
    [0, 0],
  ])
  const columns = tf.pad(tf.reshape(apart, [batch * height * stride * width, 1, channels]), [
    [0, 0],
    [0, stride - 1],
    [0, 0],
  ])
  const spread = tf.reshape(columns, [batch, height * stride, width * stride, channels])
  return tf.slice(
    spread,
    [0, 0, 0, 0],
    [batch, (height - 1) * stride + 1, (width - 1) * stride + 1, channels],
  ) as Tensor4D
}

/** For each place in the kernel, the sum over all places of the image that it met. */
function gradientByKernel(dy: Tensor4D, x: Tensor4D, kernel: Tensor4D, stride: number): Tensor {
  const [size, , channels] = kernel.shape
  const [batch, rows, columns] = dy.shape
  const [height, width] = [(rows - 1) * stride + 1, (columns - 1) * stride + 1]
  const sums: Tensor[] = []
  for (let u = 0; u < size; u++)
    for (let v = 0; v < size; v++) {
      const met = tf.slice(x, [0, u, v, 0], [batch, height, width, channels])
      const every = stride === 1 ? met : tf.avgPool(met as Tensor4D, 1, stride, 'valid')
      sums.push(tf.sum(tf.mul(every, dy), [0, 1, 2]))
    }
  return tf.reshape(tf.stack(sums), [size, size, channels, 1])
}
