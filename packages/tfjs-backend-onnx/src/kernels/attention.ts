import { emit, int64s } from '../graph/trace'
import type { Value } from '../graph/value'
import { defineKernel } from './define'
import { matmul } from './matmul'
import { softmax } from './reduce'

interface AttentionInputs {
  q: Value
  k: Value
  v: Value
}

/** softmax(scale·q·kᵀ)·v and the probabilities, which the gradient needs. */
defineKernel<AttentionInputs, { scale: number }>('PilotAttention', ({ q, k, v }, { scale }) => {
  const probabilities = softmax(matmul(q, k, { transposeB: true, alpha: scale }))
  return [matmul(probabilities, v), probabilities]
})

/**
 * With P the probabilities: dS = P·(dP − mean of dP under P), and that mean is dy·y, row by row: a sum over the width of a head in
 * place of passes over all pairs (FlashAttention, Dao et al., arXiv:2205.14135, appendix B.2).
 */
defineKernel<AttentionInputs & { dy: Value; y: Value; probabilities: Value }, { scale: number }>(
  'PilotAttentionGrad',
  ({ dy, q, k, v, y, probabilities }, { scale }) => {
    const { shape } = probabilities
    const dv = matmul(probabilities, dy, { transposeA: true })
    const dProbabilities = matmul(dy, v, { transposeB: true })
    const sums = [...shape.slice(0, -1), 1]
    const mean = emit('ReduceSum', [emit('Mul', [dy, y], y.shape, 'float32'), int64s([-1])], sums, 'float32', {
      keepdims: 1,
    })
    const centred = emit('Sub', [dProbabilities, mean], shape, 'float32')
    const dScores = emit('Mul', [centred, probabilities], shape, 'float32')
    return [matmul(dScores, k, { alpha: scale }), matmul(dScores, q, { transposeA: true, alpha: scale }), dv]
  },
)
