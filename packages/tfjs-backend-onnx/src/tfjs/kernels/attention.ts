import type { Value } from '../../graph/value'
import { matmul } from '../../lowering/products/plain'
import { KernelSet } from './kernel-set'
import { softmax } from './reduction'

export const kernels = new KernelSet()

interface AttentionInputs {
  q: Value
  k: Value
  v: Value
}

/** softmax(scale·q·kᵀ)·v and the probabilities, which the gradient needs. */
kernels.define<AttentionInputs, { scale: number }>('FusedAttention', ({ q, k, v }, { scale }, g) => {
  const probabilities = softmax(g, matmul(g, q, k, { transposeB: true, alpha: scale }))
  return [matmul(g, probabilities, v), probabilities]
})

/**
 * With P the probabilities: dS = P·(dP − mean of dP under P), and that mean is dy·y, row by row: a sum over the width of a head
 * in place of passes over all pairs (FlashAttention, Dao et al., arXiv:2205.14135, appendix B.2).
 */
kernels.define<AttentionInputs & { dy: Value; y: Value; probabilities: Value }, { scale: number }>(
  'FusedAttentionGrad',
  ({ dy, q, k, v, y, probabilities }, { scale }, g) => {
    const { shape } = probabilities
    const dv = matmul(g, probabilities, dy, { transposeA: true })
    const dProbabilities = matmul(g, dy, v, { transposeB: true })
    const sums = [...shape.slice(0, -1), 1]
    const mean = g.emit('ReduceSum', [g.emit('Mul', [dy, y], y.shape, 'float32'), g.int64s([-1])], sums, 'float32', {
      keepdims: 1,
    })
    const centred = g.emit('Sub', [dProbabilities, mean], shape, 'float32')
    const dScores = g.emit('Mul', [centred, probabilities], shape, 'float32')
    return [matmul(g, dScores, k, { alpha: scale }), matmul(g, dScores, q, { transposeA: true, alpha: scale }), dv]
  },
)
