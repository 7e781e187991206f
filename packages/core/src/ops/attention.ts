import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import { differentiable, hasKernel, runKernel } from './differentiable'
import { expectShapes } from './shapes'

/**
 * Scaled dot-product attention (Vaswani et al., 2017): softmax(q·kᵀ·scale)·v.
 * @param q [batch, heads, queries, headWidth]
 * @param k [batch, heads, keys, headWidth]
 * @param v [batch, heads, keys, headWidth]
 * @returns [batch, heads, queries, headWidth]
 */
export function attention(q: Tensor4D, k: Tensor4D, v: Tensor4D, scale: number): Tensor4D {
  expectShapes(
    'attention',
    q.rank === 4 &&
      k.rank === 4 &&
      tf.util.arraysEqual(k.shape, v.shape) &&
      [0, 1, 3].every((axis) => q.shape[axis] === k.shape[axis]),
    'q must be [batch, heads, queries, headWidth], k and v [batch, heads, keys, headWidth]',
    { q, k, v },
  )
  const native = hasKernel('PilotAttention') && hasKernel('PilotAttentionGrad')
  return differentiable({
    inputs: { q, k, v },
    forward(save) {
      const [y, probabilities] = native ? runKernel('PilotAttention', { q, k, v }, { scale }) : forward(q, k, v, scale)
      save([q, k, v, probabilities!])
      return y as Tensor4D
    },
    backward(dy, saved) {
      const [q, k, v, probabilities] = saved as [Tensor4D, Tensor4D, Tensor4D, Tensor4D]
      if (native) {
        const [dq, dk, dv] = runKernel('PilotAttentionGrad', { dy, q, k, v, probabilities }, { scale })
        return { q: () => dq!, k: () => dk!, v: () => dv! }
      }
      const dscores = scoreGradient(dy, v, probabilities, scale)
      return {
        q: () => tf.matMul(dscores, k),
        k: () => tf.matMul(dscores, q, true, false),
        v: () => tf.matMul(probabilities, dy, true, false),
      }
    },
  })
}

function forward(q: Tensor4D, k: Tensor4D, v: Tensor4D, scale: number): Tensor[] {
  const probabilities = tf.softmax(tf.mul(tf.matMul(q, k, false, true), scale) as Tensor4D)
  return [tf.matMul(probabilities, v), probabilities]
}

/** Gradient by the products q·kᵀ, before their scaling. */
const scoreGradient = (dy: Tensor4D, v: Tensor4D, probabilities: Tensor4D, scale: number): Tensor4D =>
  tf.tidy(() => {
    const weighted = tf.mul(tf.matMul(dy, v, false, true), probabilities)
    const total = tf.sum(weighted, -1, true)
    return tf.mul(tf.sub(weighted, tf.mul(probabilities, total)), scale) as Tensor4D
  })
