import { contrib } from '../../graph/recorder'
import type { Value } from '../../graph/value'
import { KernelSet } from './kernel-set'

export const kernels = new KernelSet()

/** x·Φ(x) with the normal distribution Φ, by erf (Hendrycks & Gimpel, arXiv:1606.08415). */
kernels.define<{ x: Value }>('FusedGelu', ({ x }, _, g) => g.emit('Gelu', [x], x.shape, 'float32', undefined, contrib))

/** dy·(Φ(x) + x·φ(x)); with u = x/√2, x·φ(x) = u·exp(−u² − ln √π). */
kernels.define<{ dy: Value; x: Value }>('FusedGeluGrad', ({ dy, x }, _, g) => {
  const apply = (op: string, ...operands: Value[]) => g.emit(op, operands, x.shape, 'float32')
  const half = { float: 0.5 }
  const u = apply('Mul', x, g.scalar(Math.SQRT1_2))
  // HardSigmoid computes (erf + 1)/2 in one pass; it never clips, as |erf| ≤ 1.
  const cumulative = g.emit('HardSigmoid', [apply('Erf', u)], x.shape, 'float32', { alpha: half, beta: half })
  const exponent = apply('Sub', g.scalar(-0.5 * Math.log(Math.PI)), apply('Mul', u, u))
  return apply('Mul', dy, apply('Add', cumulative, apply('Mul', u, apply('Exp', exponent))))
})
