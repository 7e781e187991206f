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

defineKernel<AttentionInputs & { dy: Value; probabilities: Value }, { scale: number }>(
  'PilotAttentionGrad',
  ({ dy, q, k, v, probabilities }, { scale }) => {
    const { shape } = probabilities
    const dv = matmul(probabilities, dy, { transposeA: true })
    const dProbabilities = matmul(dy, v, { transposeB: true })
    const weighted = emit('Mul', [dProbabilities, probabilities], shape, 'float32')
    const sums = [...shape.slice(0, -1), 1]
    const total = emit('ReduceSum', [weighted, int64s([-1])], sums, 'float32', { keepdims: 1 })
    const dScores = emit('Sub', [weighted, emit('Mul', [probabilities, total], shape, 'float32')], shape, 'float32')
    return [matmul(dScores, k, { alpha: scale }), matmul(dScores, q, { transposeA: true, alpha: scale }), dv]
  },
)
