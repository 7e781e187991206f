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
  const native = hasKernel('FusedAttention') && hasKernel('FusedAttentionGrad')
  return differentiable({
    inputs: { q, k, v },
    forward(save) {
      const [y, probabilities] = native ? runKernel('FusedAttention', { q, k, v }, { scale }) : forward(q, k, v, scale)
      save([q, k, v, y!, probabilities!])
      return y as Tensor4D
    },
    backward(dy, saved) {
      const [q, k, v, y, probabilities] = saved as [Tensor4D, Tensor4D, Tensor4D, Tensor4D, Tensor4D]
      if (native) {
        const [dq, dk, dv] = runKernel('FusedAttentionGrad', { dy, q, k, v, y, probabilities }, { scale })
        return { q: () => dq!, k: () => dk!, v: () => dv! }
      }
      const dscores = scoreGradient(dy, v, y, probabilities, scale)
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

/**
 * Gradient by the products q·kᵀ, before their scaling. The mean of the probabilities' gradient that softmax takes off is dy·y
 * (FlashAttention, Dao et al., arXiv:2205.14135, appendix B.2): a sum over the head's width, not over all keys.
 */
const scoreGradient = (dy: Tensor4D, v: Tensor4D, y: Tensor4D, probabilities: Tensor4D, scale: number): Tensor4D =>
  tf.tidy(() => {
    const mean = tf.sum(tf.mul(dy, y), -1, true)
    const centred = tf.sub(tf.matMul(dy, v, false, true), mean)
    return tf.mul(tf.mul(centred, probabilities), scale) as Tensor4D
  })
