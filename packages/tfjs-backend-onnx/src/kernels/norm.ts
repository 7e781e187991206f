import { emit, emitAll, reshape, scalar } from '../graph/trace'
import type { Value } from '../graph/value'
import { defineKernel } from './define'
import { reduce } from './reduce'

const binary = (op: string, a: Value, b: Value, shape = a.shape): Value => emit(op, [a, b], shape, 'float32')

interface BatchNormInputs {
  x: Value
  mean: Value
  variance: Value
  scale?: Value
  offset?: Value
}

/** A vector for the last axis in the rank of `x`, as the mean had it when the variance was computed: the difference from it is then the same node. */
const alongLastAxis = (v: Value, x: Value): Value =>
  v.shape.length === 1 ? reshape(v, [...x.shape.slice(1).map(() => 1), v.size]) : v

defineKernel<BatchNormInputs, { varianceEpsilon: number }>(
  'FusedBatchNorm',
  ({ x, mean, variance, scale, offset }, { varianceEpsilon }) => {
    const deviation = emit('Sqrt', [binary('Add', variance, scalar(varianceEpsilon))], variance.shape, 'float32')
    const inverse = emit('Reciprocal', [deviation], variance.shape, 'float32')
    const factor = scale ? binary('Mul', inverse, scale) : inverse
    const centred = binary('Sub', x, alongLastAxis(mean, x))
    const scaled = binary('Mul', centred, factor, x.shape)
    return offset ? binary('Add', scaled, offset) : scaled
  },
)

/** Normalises the last axis; also gives the mean and the inverse deviation, which the gradient needs. */
defineKernel<{ x: Value; gamma: Value; beta: Value }, { epsilon: number }>(
  'PilotLayerNorm',
  ({ x, gamma, beta }, { epsilon }) => {
    const statistic = { shape: [...x.shape.slice(0, -1), 1], dtype: 'float32' as const }
    const outputs = [{ shape: x.shape, dtype: 'float32' as const }, statistic, statistic]
    return emitAll('LayerNormalization', [x, gamma, beta], outputs, { axis: -1, epsilon: { float: epsilon } })
  },
)

interface LayerNormGradInputs {
  dy: Value
  x: Value
  gamma: Value
  mean: Value
  inverseDeviation: Value
}

/** With x̂ = (x − mean)·inverseDeviation and g = dy·gamma: dx = (g − mean(g) − x̂·mean(g·x̂))·inverseDeviation. */
defineKernel<LayerNormGradInputs>('PilotLayerNormGrad', ({ dy, x, gamma, mean, inverseDeviation }) => {
  const rows = x.shape.slice(0, -1).map((_, i) => i)
  const last = [x.shape.length - 1]
  const normalised = binary('Mul', binary('Sub', x, mean), inverseDeviation)
  const g = binary('Mul', dy, gamma)
  const meanOfG = reduce('ReduceMean', g, last, true)
  const correlation = reduce('ReduceMean', binary('Mul', g, normalised), last, true)
  const projected = binary('Sub', binary('Sub', g, meanOfG), binary('Mul', normalised, correlation))
  return [
    binary('Mul', projected, inverseDeviation),
    reduce('ReduceSum', binary('Mul', dy, normalised), rows, false),
    reduce('ReduceSum', dy, rows, false),
  ]
})
