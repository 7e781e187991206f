import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import { differentiable } from './differentiable'
import { expectShapes, lastAxis } from './shapes'

/**
 * x·Wᵀ + b with torch's weight layout, as one matrix product.
 * @param x [..., in]
 * @param weight [out, in]
 * @param bias [out]
 * @returns [..., out]
 */
export function linear<T extends Tensor>(x: T, weight: Tensor, bias?: Tensor): T {
  const [outputs, inputs] = weight.shape as [number, number]
  expectShapes(
    'linear',
    weight.rank === 2 && x.rank >= 1 && lastAxis(x) === inputs && (bias === undefined || bias.size === outputs),
    'x must be [..., in], weight [out, in] and bias [out]',
    { x, weight, ...(bias && { bias }) },
  )
  const rows = tf.reshape(x, [-1, inputs]) as Tensor2D
  const product =
    bias === undefined
      ? tf.matMul(rows, weight as Tensor2D, false, true)
      : withBias(rows, weight as Tensor2D, bias as Tensor1D)
  return tf.reshape(product, [...x.shape.slice(0, -1), outputs]) as unknown as T
}

const withBias = (x: Tensor2D, weight: Tensor2D, bias: Tensor1D): Tensor2D =>
  differentiable({
    inputs: { x, weight, bias },
    forward(save) {
      save([x, weight])
      return tf.fused.matMul({ a: x, b: weight, transposeB: true, bias }) as Tensor2D
    },
    backward: (dy, saved) => {
      const [x, weight] = saved as [Tensor2D, Tensor2D]
      return {
        x: () => tf.matMul(dy, weight),
        weight: () => tf.matMul(dy, x, true, false),
        bias: () => tf.sum(dy, 0),
      }
    },
  })
