import * as tf from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import { differentiable, hasKernel, runKernel } from './differentiable'

const cumulative = (x: Tensor): Tensor => tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5)

/** x·Φ(x), the exact Gaussian error linear unit (Hendrycks and Gimpel, 2016), not its tanh approximation. */
export function gelu<T extends Tensor>(x: T): T {
  const native = hasKernel('PilotGelu') && hasKernel('PilotGeluGrad')
  return differentiable({
    inputs: { x },
    forward(save) {
      save([x])
      return (native ? runKernel('PilotGelu', { x })[0]! : tf.mul(x, cumulative(x))) as T
    },
    backward: (dy, saved) => {
      const x = saved[0]!
      return {
        x: () => {
          if (native) return runKernel('PilotGeluGrad', { dy, x })[0]!
          const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI))
          return tf.mul(dy, tf.add(cumulative(x), tf.mul(x, density)))
        },
      }
    },
  })
}
