import type { Recorder } from '../../graph/recorder'
import type { Attributes, Value } from '../../graph/value'
import { where } from './binary'

export interface ActivationAttributes {
  activation: string
  leakyreluAlpha?: number
}

/** The activation of tfjs' fused kernels, on what they computed before; null for one that is not known. */
export function activate(
  g: Recorder,
  v: Value,
  { preluActivationWeights }: { preluActivationWeights?: Value },
  attributes: ActivationAttributes,
): Value | null {
  const apply = (op: string, more?: Attributes) => g.emit(op, [v], v.shape, v.dtype, more)
  switch (attributes.activation) {
    case undefined:
    case null:
    case 'linear':
      return v
    case 'relu':
      return apply('Relu')
    case 'relu6':
      return g.emit('Clip', [v, g.scalar(0), g.scalar(6)], v.shape, v.dtype)
    case 'elu':
      return apply('Elu')
    case 'sigmoid':
      return apply('Sigmoid')
    case 'leakyrelu':
      return apply('LeakyRelu', { alpha: { float: attributes.leakyreluAlpha ?? 0.2 } })
    case 'prelu': {
      const negative = g.emit('Less', [v, g.scalar(0)], v.shape, 'bool')
      return where(g, negative, g.emit('Mul', [v, preluActivationWeights!], v.shape, v.dtype), v, v.shape, v.dtype)
    }
    default:
      return null
  }
}
