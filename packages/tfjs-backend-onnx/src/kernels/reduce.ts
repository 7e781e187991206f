import { backend_util, util } from '@tensorflow/tfjs-core'
import { constantOfShape, emit, int64s, rawCast, reshape, scalar } from '../graph/trace'
import { type GraphType, type Value, sizeOf } from '../graph/value'
import { where } from './binary'
import { cast, numeric } from './cast'
import { defineKernel } from './define'
import { matmul } from './matmul'

interface Operand {
  x: Value
}
interface ReduceAttributes {
  axis?: number | number[]
  reductionIndices?: number | number[]
  keepDims?: boolean
}

/** The shape of `x` with `axes` reduced. */
function reducedShape(x: Value, axes: readonly number[], keepDims: boolean): number[] {
  return keepDims ? x.shape.map((d, i) => (axes.includes(i) ? 1 : d)) : x.shape.filter((_, i) => !axes.includes(i))
}

/** Rows to add up: so many parts of so many rows each. */
interface Rows {
  parts: number
  length: number
  width: number
}

/** Below that many elements a sum takes next to no time. */
const manyElements = 2 ** 17

/** The rows that a sum over the first axes adds up, where they are many; else null. */
function manyRows(v: Value, axes: readonly number[]): Rows | null {
  const count = axes.length
  if (v.dtype !== 'float32' || v.size < manyElements || axes.some((axis) => axis >= count)) return null
  const width = sizeOf(v.shape.slice(count))
  const rows = v.size / width
  const parts = count > 1 && v.shape[0]! > 1 ? v.shape[0]! : divisorUpTo(64, rows)
  return width < 8 || parts === 1 || rows / parts < 16 ? null : { parts, length: rows / parts, width }
}

/** The largest divisor of a number that is not above `limit`. */
function divisorUpTo(limit: number, n: number): number {
  while (n % limit !== 0) limit--
  return limit
}

/** As products by rows of ones, which pass over the elements as they lie: three to five times as fast as ONNX Runtime's reduction of the first axes. */
function sumOfRows(v: Value, { parts, length, width }: Rows): Value {
  const ones = constantOfShape([parts, 1, length], 1, 'float32')
  const sums = matmul(ones, reshape(v, [parts, length, width]))
  return emit('ReduceSum', [sums, int64s([0, 1])], [width], 'float32', { keepdims: 0 })
}

/** One of ONNX' Reduce operations; over no axes it is the identity. */
export function reduce(op: string, v: Value, axes: readonly number[], keepDims: boolean): Value {
  if (axes.length === 0) return v
  const shape = reducedShape(v, axes, keepDims)
  const rows = op === 'ReduceSum' || op === 'ReduceMean' ? manyRows(v, axes) : null
  if (rows !== null) {
    const sum = reshape(sumOfRows(v, rows), shape)
    return op === 'ReduceSum' ? sum : emit('Div', [sum, scalar(rows.parts * rows.length)], shape, 'float32')
  }
  const keepdims = keepDims ? 1 : 0
  // Opset 17 has the axes of ReduceSum as an input and those of its siblings as an attribute.
  if (op === 'ReduceSum') return emit(op, [v, int64s(axes)], shape, v.dtype, { keepdims })
  return emit(op, [v], shape, v.dtype, { axes: [...axes], keepdims })
}

const axesOf = (x: Value, { axis, reductionIndices }: ReduceAttributes): number[] =>
  util.parseAxisParam((reductionIndices ?? axis)!, [...x.shape])

const fresh = (v: Value, x: Value): Value => (v === x ? emit('Identity', [x], x.shape, x.dtype) : v)

function defineReduction(kernel: string, op: string, type?: GraphType): void {
  defineKernel<Operand, ReduceAttributes>(kernel, ({ x }, attributes) => {
    const v = type ? cast(x, type) : numeric(x)
    return fresh(reduce(op, v, axesOf(x, attributes), attributes.keepDims ?? false), x)
  })
}
defineReduction('Sum', 'ReduceSum')
defineReduction('Mean', 'ReduceMean', 'float32')
defineReduction('Prod', 'ReduceProd')

/** ONNX Runtime's maximum and minimum pass over NaN; tfjs' keep it. */
function defineExtremum(kernel: string, op: string): void {
  defineKernel<Operand, ReduceAttributes>(kernel, ({ x }, attributes) => {
    const v = numeric(x)
    const axes = axesOf(x, attributes)
    const keep = attributes.keepDims ?? false
    const extremum = reduce(op, v, axes, keep)
    if (axes.length === 0 || v.dtype !== 'float32') return fresh(extremum, x)
    const invalid = rawCast(emit('IsNaN', [v], v.shape, 'bool'), 'int32')
    const any = cast(reduce('ReduceMax', invalid, axes, keep), 'bool')
    return where(any, scalar(NaN), extremum, extremum.shape, 'float32')
  })
}
defineExtremum('Max', 'ReduceMax')
defineExtremum('Min', 'ReduceMin')

for (const [kernel, op] of [
  ['All', 'ReduceMin'],
  ['Any', 'ReduceMax'],
] as const) {
  defineKernel<Operand, ReduceAttributes>(kernel, ({ x }, attributes) => {
    const v = rawCast(cast(x, 'bool'), 'int32')
    return cast(reduce(op, v, axesOf(x, attributes), attributes.keepDims ?? false), 'bool')
  })
}

for (const op of ['ArgMax', 'ArgMin']) {
  defineKernel<Operand, { axis: number }>(op, ({ x }, { axis }) => {
    const [along] = util.parseAxisParam(axis, [...x.shape])
    backend_util.assertAxesAreInnerMostDims('arg' + op.slice(3), [x.shape.length - 1], x.shape.length)
    const shape = reducedShape(x, [along!], false)
    // tfjs passes over NaN, ONNX Runtime finds it.
    const v = numeric(x)
    const last = scalar(op === 'ArgMax' ? -Infinity : Infinity)
    const comparable = v.dtype === 'float32' ? where(emit('IsNaN', [v], v.shape, 'bool'), last, v, v.shape, v.dtype) : v
    return rawCast(emit(op, [comparable], shape, 'int64', { axis: along!, keepdims: 0 }), 'int32')
  })
}

const fromEnd = (axis: number, rank: number) => (axis < 0 ? axis + rank : axis)

export function softmax(v: Value, axis = -1): Value {
  return emit('Softmax', [v], v.shape, 'float32', { axis })
}
defineKernel<{ logits: Value }, { dim: number }>('Softmax', ({ logits }, { dim }) =>
  softmax(cast(logits, 'float32'), fromEnd(dim, logits.shape.length)),
)
defineKernel<{ logits: Value }, { axis: number }>('LogSoftmax', ({ logits }, { axis }) => {
  const v = cast(logits, 'float32')
  return emit('LogSoftmax', [v], v.shape, 'float32', { axis: fromEnd(axis, v.shape.length) })
})

defineKernel<Operand, { axis: number; exclusive: boolean; reverse: boolean }>(
  'Cumsum',
  ({ x }, { axis, exclusive, reverse }) => {
    if (x.shape.length === 0) return null
    const v = numeric(x)
    const along = reshape(int64s([fromEnd(axis, x.shape.length)]), [])
    return emit('CumSum', [v, along], v.shape, v.dtype, { exclusive: exclusive ? 1 : 0, reverse: reverse ? 1 : 0 })
  },
)
