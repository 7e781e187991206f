import { backend_util, util } from '@tensorflow/tfjs-core'
import { constantOfShape, emit, emitAll, int32Range, int64s, rawCast, reshape, softScalar } from '../graph/trace'
import type { GraphType, Value } from '../graph/value'
import { where } from './binary'
import { cast, numeric } from './cast'
import { defineKernel } from './define'

defineKernel<{ condition: Value; t: Value; e: Value }>('Select', ({ condition, t, e }) => {
  const trailing = new Array<number>(Math.max(0, t.shape.length - condition.shape.length)).fill(1)
  const aligned = condition.shape.length <= 1 ? reshape(condition, [...condition.shape, ...trailing]) : condition
  const sameType = t.dtype === e.dtype
  const [a, b] = sameType ? [t, e] : [cast(numeric(t), 'float32'), cast(numeric(e), 'float32')]
  return where(cast(aligned, 'bool'), a, b, t.shape, a.dtype)
})

defineKernel<{ indices: Value }, { depth: number; onValue: number; offValue: number; dtype?: GraphType }>(
  'OneHot',
  ({ indices }, { depth, onValue, offValue, dtype = 'float32' }) => {
    const shape = [...indices.shape, depth]
    const column = reshape(cast(indices, 'int32'), [...indices.shape, 1])
    const hit = emit('Equal', [column, int32Range(depth)], shape, 'bool')
    const type = dtype === 'bool' ? 'int32' : dtype
    return cast(where(hit, softScalar(onValue, type), softScalar(offValue, type), shape, type), dtype)
  },
)

/** Raises tfjs' error for indices that are known already; others fail when the graph runs. */
function assertInRange(indices: Value, length: number): void {
  for (const index of indices.storage?.host ?? []) {
    util.assert(index >= 0 && index < length, () => `GatherV2: the index value ${index} is not in [0, ${length - 1}]`)
  }
}

defineKernel<{ x: Value; indices: Value }, { axis: number; batchDims: number }>('GatherV2', ({ x, indices }, attrs) => {
  if (attrs.batchDims !== 0) return null
  const [axis] = util.parseAxisParam(attrs.axis, [...x.shape])
  assertInRange(indices, x.shape[axis!]!)
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis! + 1)]
  return emit('Gather', [x, cast(indices, 'int32')], shape, x.dtype, { axis: axis! })
})

defineKernel<{ params: Value; indices: Value }>('GatherNd', ({ params, indices }) => {
  backend_util.prepareAndValidate(params as never, indices as never)
  if (indices.shape.at(-1) === 0) return null
  const depth = indices.shape.at(-1)!
  const shape = [...indices.shape.slice(0, -1), ...params.shape.slice(depth)]
  return emit('GatherND', [params, rawCast(cast(indices, 'int32'), 'int64')], shape, params.dtype)
})

/** Rows with a negative segment id are left out by tfjs; they are added to a row of their own here, which is cut off. */
defineKernel<{ x: Value; segmentIds: Value }, { numSegments: number }>(
  'UnsortedSegmentSum',
  ({ x, segmentIds }, { numSegments }) => {
    if (x.dtype === 'bool') return null
    const ids = cast(segmentIds, 'int32')
    const rank = segmentIds.shape.length
    const rows = [numSegments + 1, ...x.shape.slice(rank)]
    const zero = softScalar(0, 'int32')
    const spare = softScalar(numSegments, 'int32')
    const outside = emit(
      'Or',
      [emit('Less', [ids, zero], ids.shape, 'bool'), emit('GreaterOrEqual', [ids, spare], ids.shape, 'bool')],
      ids.shape,
      'bool',
    )
    const safe = emit('Where', [outside, spare, ids], ids.shape, 'int32')
    const indices = rawCast(reshape(safe, [...ids.shape, 1]), 'int64')
    const sums = emit('ScatterND', [constantOfShape(rows, 0, x.dtype), indices, x], rows, x.dtype, { reduction: 'add' })
    const shape = [numSegments, ...x.shape.slice(rank)]
    return emit('Slice', [sums, int64s([0]), int64s([numSegments]), int64s([0])], shape, x.dtype)
  },
)

defineKernel<{ indices: Value; updates: Value }, { shape: number[] }>(
  'ScatterNd',
  ({ indices, updates }, { shape }) => {
    if (updates.dtype === 'bool') return null
    backend_util.calculateShapes(updates as never, indices as never, shape)
    // Out-of-range indices must raise tfjs' error, which needs their values.
    return null
  },
)

defineKernel<{ x: Value }, { k: number; sorted: boolean }>('TopK', ({ x }, { k }) => {
  if (x.shape.length === 0 || k === 0 || x.dtype === 'bool') return null
  const shape = [...x.shape.slice(0, -1), k]
  const outputs = [
    { shape, dtype: x.dtype },
    { shape, dtype: 'int64' as const },
  ]
  const [values, indices] = emitAll('TopK', [x, int64s([k])], outputs, { axis: -1, sorted: 1 })
  return [values!, rawCast(indices!, 'int32')]
})
