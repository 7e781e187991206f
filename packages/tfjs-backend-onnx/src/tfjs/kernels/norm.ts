import type { Recorder } from '../../graph/recorder'
import type { Value } from '../../graph/value'
import { KernelSet } from './kernel-set'

export const kernels = new KernelSet()

const binary = (g: Recorder, op: string, a: Value, b: Value, shape = a.shape): Value =>
  g.emit(op, [a, b], shape, 'float32')

interface BatchNormInputs {
  x: Value
  mean: Value
  variance: Value
  scale?: Value
  offset?: Value
}

/**
 * A vector for the last axis in the rank of `x`, as the mean had it when the variance was computed: the difference from it is
 * then the same node.
 */
const alongLastAxis = (g: Recorder, v: Value, x: Value): Value =>
  v.shape.length === 1 ? g.reshape(v, [...x.shape.slice(1).map(() => 1), v.size]) : v

kernels.define<BatchNormInputs, { varianceEpsilon: number }>(
  'FusedBatchNorm',
  ({ x, mean, variance, scale, offset }, { varianceEpsilon }, g) => {
    const deviation = g.emit('Sqrt', [binary(g, 'Add', variance, g.scalar(varianceEpsilon))], variance.shape, 'float32')
    const inverse = g.emit('Reciprocal', [deviation], variance.shape, 'float32')
    const factor = scale ? binary(g, 'Mul', inverse, scale) : inverse
    const centred = binary(g, 'Sub', x, alongLastAxis(g, mean, x))
    const scaled = binary(g, 'Mul', centred, factor, x.shape)
    return offset ? binary(g, 'Add', scaled, offset) : scaled
  },
)

/** Normalises the last axis; also gives the mean and the inverse deviation, which the gradient needs. */
kernels.define<{ x: Value; gamma: Value; beta: Value }, { epsilon: number }>(
  'FusedLayerNorm',
  ({ x, gamma, beta }, { epsilon }, g) => {
    const statistic = { shape: [...x.shape.slice(0, -1), 1], dtype: 'float32' as const }
    const outputs = [{ shape: x.shape, dtype: 'float32' as const }, statistic, statistic]
    return g.emitAll('LayerNormalization', [x, gamma, beta], outputs, { axis: -1, epsilon: { float: epsilon } })
  },
)

interface LayerNormGradInputs {
  dy: Value
  x: Value
  gamma: Value
  mean: Value
  inverseDeviation: Value
}

/** With x̂ = (x − mean)·inverseDeviation and s = dy·gamma: dx = (s − mean(s) − x̂·mean(s·x̂))·inverseDeviation. */
kernels.define<LayerNormGradInputs>('FusedLayerNormGrad', ({ dy, x, gamma, mean, inverseDeviation }, _, g, lower) => {
  const rows = x.shape.slice(0, -1).map((_, i) => i)
  const last = [x.shape.length - 1]
  const normalised = binary(g, 'Mul', binary(g, 'Sub', x, mean), inverseDeviation)
  const slope = binary(g, 'Mul', dy, gamma)
  const meanOfSlope = lower.reduce('ReduceMean', slope, last, true)
  const correlation = lower.reduce('ReduceMean', binary(g, 'Mul', slope, normalised), last, true)
  const projected = binary(g, 'Sub', binary(g, 'Sub', slope, meanOfSlope), binary(g, 'Mul', normalised, correlation))
  return [
    binary(g, 'Mul', projected, inverseDeviation),
    lower.reduce('ReduceSum', binary(g, 'Mul', dy, normalised), rows, false),
    lower.reduce('ReduceSum', dy, rows, false),
  ]
})
