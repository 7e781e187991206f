import * as tf from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import { differentiable, hasKernel, runKernel } from './differentiable'

const cumulative = (x: Tensor): Tensor => tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5)

/** x·Φ(x), the exact Gaussian error linear unit (Hendrycks and Gimpel, 2016), not its tanh approximation. */
export function gelu<T extends Tensor>(x: T): T {
  const native = hasKernel('FusedGelu') && hasKernel('FusedGeluGrad')
  return differentiable({
    inputs: { x },
    forward(save) {
      save([x])
      return (native ? runKernel('FusedGelu', { x })[0]! : tf.mul(x, cumulative(x))) as T
    },
    backward: (dy, saved) => {
      const x = saved[0]!
      return {
        x: () => {
          if (native) return runKernel('FusedGeluGrad', { dy, x })[0]!
          const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI))
          return tf.mul(dy, tf.add(cumulative(x), tf.mul(x, density)))
        },
      }
    },
  })
}

/**
 * GELU's approximation by tanh (Hendrycks and Gimpel, 2016): x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³))). Differs from
 * `gelu` by up to 5e-4: weights trained with one want the same one.
 */
export function geluTanh<T extends Tensor>(x: T): T {
  return tf.tidy(() => {
    const cubed = tf.mul(tf.mul(tf.square(x), x), 0.044715)
    const inner = tf.mul(tf.add(x, cubed), Math.sqrt(2 / Math.PI))
    return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1)) as T
  })
}

/** x·σ(1.702x), the approximation that OpenAI's CLIP was trained with; differs from `gelu` by up to 0.02. */
export const quickGelu = <T extends Tensor>(x: T): T => tf.tidy(() => tf.mul(x, tf.sigmoid(tf.mul(x, 1.702))) as T)
