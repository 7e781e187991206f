import { contrib, emit, scalar } from '../graph/trace'
import type { Value } from '../graph/value'
import { defineKernel } from './define'

/** x·Φ(x) with the normal distribution Φ, by erf (Hendrycks & Gimpel, arXiv:1606.08415). */
defineKernel<{ x: Value }>('PilotGelu', ({ x }) => emit('Gelu', [x], x.shape, 'float32', undefined, contrib))

/** dy·(Φ(x) + x·φ(x)); with u = x/√2, x·φ(x) = u·exp(−u² − ln √π). */
defineKernel<{ dy: Value; x: Value }>('PilotGeluGrad', ({ dy, x }) => {
  const apply = (op: string, ...operands: Value[]) => emit(op, operands, x.shape, 'float32')
  const half = { float: 0.5 }
  const u = apply('Mul', x, scalar(Math.SQRT1_2))
  // HardSigmoid computes (erf + 1)/2 in one pass; it never clips, as |erf| ≤ 1.
  const cumulative = emit('HardSigmoid', [apply('Erf', u)], x.shape, 'float32', { alpha: half, beta: half })
  const exponent = apply('Sub', scalar(-0.5 * Math.log(Math.PI)), apply('Mul', u, u))
  return apply('Mul', dy, apply('Add', cumulative, apply('Mul', u, apply('Exp', exponent))))
})
