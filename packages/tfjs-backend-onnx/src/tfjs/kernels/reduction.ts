import { backend_util, util } from '@tensorflow/tfjs-core'
import type { Recorder } from '../../graph/recorder'
import type { GraphType, Value } from '../../graph/value'
import { reducedShape } from '../../lowering/sums'
import type { Reduction } from '../../lowering/sums/reduction'
import { where } from './binary'
import { cast, numeric } from './cast'
import { KernelSet } from './kernel-set'

export const kernels = new KernelSet()

interface Operand {
  x: Value
}
interface ReduceAttributes {
  axis?: number | number[]
  reductionIndices?: number | number[]
  keepDims?: boolean
}

const axesOf = (x: Value, { axis, reductionIndices }: ReduceAttributes): number[] =>
  util.parseAxisParam((reductionIndices ?? axis)!, [...x.shape])

const fresh = (g: Recorder, v: Value, x: Value): Value => (v === x ? g.emit('Identity', [x], x.shape, x.dtype) : v)

function defineReduction(kernel: string, op: Reduction['op'], type?: GraphType): void {
  kernels.define<Operand, ReduceAttributes>(kernel, ({ x }, attributes, g, lower) => {
    const v = type ? cast(g, x, type) : numeric(g, x)
    return fresh(g, lower.reduce(op, v, axesOf(x, attributes), attributes.keepDims ?? false), x)
  })
}
defineReduction('Sum', 'ReduceSum')
defineReduction('Mean', 'ReduceMean', 'float32')
defineReduction('Prod', 'ReduceProd')

/** ONNX Runtime's maximum and minimum pass over NaN; tfjs' keep it. */
function defineExtremum(kernel: string, op: Reduction['op']): void {
  kernels.define<Operand, ReduceAttributes>(kernel, ({ x }, attributes, g, lower) => {
    const v = numeric(g, x)
    const axes = axesOf(x, attributes)
    const keep = attributes.keepDims ?? false
    const extremum = lower.reduce(op, v, axes, keep)
    if (axes.length === 0 || v.dtype !== 'float32') return fresh(g, extremum, x)
    const invalid = g.convert(g.emit('IsNaN', [v], v.shape, 'bool'), 'int32')
    const any = cast(g, lower.reduce('ReduceMax', invalid, axes, keep), 'bool')
    return where(g, any, g.scalar(NaN), extremum, extremum.shape, 'float32')
  })
}
defineExtremum('Max', 'ReduceMax')
defineExtremum('Min', 'ReduceMin')

for (const [kernel, op] of [
  ['All', 'ReduceMin'],
  ['Any', 'ReduceMax'],
] as const) {
  kernels.define<Operand, ReduceAttributes>(kernel, ({ x }, attributes, g, lower) => {
    const v = g.convert(cast(g, x, 'bool'), 'int32')
    return cast(g, lower.reduce(op, v, axesOf(x, attributes), attributes.keepDims ?? false), 'bool')
  })
}

for (const op of ['ArgMax', 'ArgMin']) {
  kernels.define<Operand, { axis: number }>(op, ({ x }, { axis }, g) => {
    const [along] = util.parseAxisParam(axis, [...x.shape])
    backend_util.assertAxesAreInnerMostDims('arg' + op.slice(3), [x.shape.length - 1], x.shape.length)
    const shape = reducedShape(x, [along!], false)
    // tfjs passes over NaN, ONNX Runtime finds it.
    const v = numeric(g, x)
    const last = g.scalar(op === 'ArgMax' ? -Infinity : Infinity)
    const comparable =
      v.dtype === 'float32' ? where(g, g.emit('IsNaN', [v], v.shape, 'bool'), last, v, v.shape, v.dtype) : v
    return g.convert(g.emit(op, [comparable], shape, 'int64', { axis: along!, keepdims: 0 }), 'int32')
  })
}

const fromEnd = (axis: number, rank: number) => (axis < 0 ? axis + rank : axis)

export function softmax(g: Recorder, v: Value, axis = -1): Value {
  return g.emit('Softmax', [v], v.shape, 'float32', { axis })
}
kernels.define<{ logits: Value }, { dim: number }>('Softmax', ({ logits }, { dim }, g) =>
  softmax(g, cast(g, logits, 'float32'), fromEnd(dim, logits.shape.length)),
)
kernels.define<{ logits: Value }, { axis: number }>('LogSoftmax', ({ logits }, { axis }, g) => {
  const v = cast(g, logits, 'float32')
  return g.emit('LogSoftmax', [v], v.shape, 'float32', { axis: fromEnd(axis, v.shape.length) })
})

kernels.define<Operand, { axis: number; exclusive: boolean; reverse: boolean }>(
  'Cumsum',
  ({ x }, { axis, exclusive, reverse }, g) => {
    if (x.shape.length === 0) return null
    const v = numeric(g, x)
    const along = g.reshape(g.int64s([fromEnd(axis, x.shape.length)]), [])
    return g.emit('CumSum', [v, along], v.shape, v.dtype, { exclusive: exclusive ? 1 : 0, reverse: reverse ? 1 : 0 })
  },
)
