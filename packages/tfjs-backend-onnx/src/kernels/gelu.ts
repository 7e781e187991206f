import { contrib, emit, scalar } from '../graph/trace'
import type { Value } from '../graph/value'
import { defineKernel } from './define'

/** x·Φ(x) with the normal distribution Φ, by erf (Hendrycks & Gimpel, arXiv:1606.08415). */
defineKernel<{ x: Value }>('PilotGelu', ({ x }) => emit('Gelu', [x], x.shape, 'float32', undefined, contrib))

/** dy·(Φ(x) + x·φ(x)). */
defineKernel<{ dy: Value; x: Value }>('PilotGeluGrad', ({ dy, x }) => {
  const apply = (op: string, ...operands: Value[]) => emit(op, operands, x.shape, 'float32')
  const erf = apply('Erf', apply('Mul', x, scalar(Math.SQRT1_2)))
  const half = { float: 0.5 }
  // HardSigmoid computes (erf + 1)/2 in one pass; it never clips, as |erf| ≤ 1.
  const cumulative = emit('HardSigmoid', [erf], x.shape, 'float32', { alpha: half, beta: half })
  const density = apply('Exp', apply('Mul', apply('Mul', x, x), scalar(-0.5)))
  const slope = apply('Mul', apply('Mul', x, density), scalar(1 / Math.sqrt(2 * Math.PI)))
  return apply('Mul', dy, apply('Add', cumulative, slope))
})
