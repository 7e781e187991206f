import type { Recorder } from '../../graph/recorder'
import { type Value, bytesOf } from '../../graph/value'
import { matmul } from '../../lowering/products/plain'
import { KernelSet } from './kernel-set'
import { softmax } from './reduction'

export const kernels = new KernelSet()

interface AttentionInputs {
  q: Value
  k: Value
  v: Value
}

interface GradientInputs extends AttentionInputs {
  dy: Value
  y: Value
  probabilities: Value
}

/** Bytes of probabilities from which on they are computed twice. */
const large = 2 ** 23

/** softmax(scale·q·kᵀ)·v and the probabilities, which the gradient needs. */
kernels.define<AttentionInputs, { scale: number }>('FusedAttention', ({ q, k, v }, { scale }, g) => {
  const probabilities = probabilitiesOf(g, q, k, scale)
  return [matmul(g, probabilities, v), probabilities]
})

const probabilitiesOf = (g: Recorder, q: Value, k: Value, scale: number): Value =>
  softmax(g, matmul(g, q, k, { transposeB: true, alpha: scale }))

/**
 * The probabilities once more where a program would otherwise keep large ones from the forward pass to its gradient: a pair of
 * query and key costs a product as long as a head is wide, and a ViT-B's take a quarter of what its steps keep. By way of a shape
 * of its own: ONNX Runtime would find that it has them already.
 */
function probabilitiesAgain(g: Recorder, { q, k, probabilities }: GradientInputs, scale: number): Value {
  if (probabilities.node === null || bytesOf(probabilities) < large) return probabilities
  const apart = (v: Value) => g.reshape(v, [v.shape[0]!, 1, ...v.shape.slice(1)])
  return g.reshape(probabilitiesOf(g, apart(q), apart(k), scale), probabilities.shape)
}

/**
 * With P the probabilities: dS = P·(dP − mean of dP under P), and that mean is dy·y, row by row: a sum over the width of a head
 * in place of passes over all pairs (FlashAttention, Dao et al., arXiv:2205.14135, appendix B.2).
 */
kernels.define<GradientInputs, { scale: number }>('FusedAttentionGrad', (inputs, { scale }, g) => {
  const { dy, q, k, v, y } = inputs
  const probabilities = probabilitiesAgain(g, inputs, scale)
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
})
