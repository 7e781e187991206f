import { backend_util, util } from '@tensorflow/tfjs-core'
import type { GraphType, Value } from '../../graph/value'
import { where } from './binary'
import { cast, numeric } from './cast'
import { KernelSet } from './kernel-set'

export const kernels = new KernelSet()

kernels.define<{ condition: Value; t: Value; e: Value }>('Select', ({ condition, t, e }, _, g) => {
  const trailing = new Array<number>(Math.max(0, t.shape.length - condition.shape.length)).fill(1)
  const aligned = condition.shape.length <= 1 ? g.reshape(condition, [...condition.shape, ...trailing]) : condition
  const sameType = t.dtype === e.dtype
  const [a, b] = sameType ? [t, e] : [cast(g, numeric(g, t), 'float32'), cast(g, numeric(g, e), 'float32')]
  return where(g, cast(g, aligned, 'bool'), a, b, t.shape, a.dtype)
})

kernels.define<{ indices: Value }, { depth: number; onValue: number; offValue: number; dtype?: GraphType }>(
  'OneHot',
  ({ indices }, { depth, onValue, offValue, dtype = 'float32' }, g) => {
    const shape = [...indices.shape, depth]
    const column = g.reshape(cast(g, indices, 'int32'), [...indices.shape, 1])
    const hit = g.emit('Equal', [column, g.int32Range(depth)], shape, 'bool')
    const type = dtype === 'bool' ? 'int32' : dtype
    return cast(g, where(g, hit, g.softScalar(onValue, type), g.softScalar(offValue, type), shape, type), dtype)
  },
)

/** Raises tfjs' error for indices that are known already; others fail when the graph runs. */
function assertInRange(indices: Value, length: number): void {
  for (const index of indices.storage?.host ?? []) {
    util.assert(index >= 0 && index < length, () => `GatherV2: the index value ${index} is not in [0, ${length - 1}]`)
  }
}

kernels.define<{ x: Value; indices: Value }, { axis: number; batchDims: number }>(
  'GatherV2',
  ({ x, indices }, attrs, g) => {
    if (attrs.batchDims !== 0) return null
    const [axis] = util.parseAxisParam(attrs.axis, [...x.shape])
    assertInRange(indices, x.shape[axis!]!)
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis! + 1)]
    return g.emit('Gather', [x, cast(g, indices, 'int32')], shape, x.dtype, { axis: axis! })
  },
)

kernels.define<{ params: Value; indices: Value }>('GatherNd', ({ params, indices }, _, g) => {
  backend_util.prepareAndValidate(params as never, indices as never)
  if (indices.shape.at(-1) === 0) return null
  const depth = indices.shape.at(-1)!
  const shape = [...indices.shape.slice(0, -1), ...params.shape.slice(depth)]
  return g.emit('GatherND', [params, g.convert(cast(g, indices, 'int32'), 'int64')], shape, params.dtype)
})

/** Rows with a negative segment id are left out by tfjs; they are added to a row of their own here, which is cut off. */
kernels.define<{ x: Value; segmentIds: Value }, { numSegments: number }>(
  'UnsortedSegmentSum',
  ({ x, segmentIds }, { numSegments }, g) => {
    if (x.dtype === 'bool') return null
    const ids = cast(g, segmentIds, 'int32')
    const rank = segmentIds.shape.length
    const rows = [numSegments + 1, ...x.shape.slice(rank)]
    const zero = g.softScalar(0, 'int32')
    const spare = g.softScalar(numSegments, 'int32')
    const outside = g.emit(
      'Or',
      [g.emit('Less', [ids, zero], ids.shape, 'bool'), g.emit('GreaterOrEqual', [ids, spare], ids.shape, 'bool')],
      ids.shape,
      'bool',
    )
    const safe = g.emit('Where', [outside, spare, ids], ids.shape, 'int32')
    const indices = g.convert(g.reshape(safe, [...ids.shape, 1]), 'int64')
    const sums = g.emit('ScatterND', [g.constantOfShape(rows, 0, x.dtype), indices, x], rows, x.dtype, {
      reduction: 'add',
    })
    const shape = [numSegments, ...x.shape.slice(rank)]
    return g.emit('Slice', [sums, g.int64s([0]), g.int64s([numSegments]), g.int64s([0])], shape, x.dtype)
  },
)

kernels.define<{ indices: Value; updates: Value }, { shape: number[] }>(
  'ScatterNd',
  ({ indices, updates }, { shape }) => {
    if (updates.dtype === 'bool') return null
    backend_util.calculateShapes(updates as never, indices as never, shape)
    // Out-of-range indices must raise tfjs' error, which needs their values.
    return null
  },
)

kernels.define<{ x: Value }, { k: number; sorted: boolean }>('TopK', ({ x }, { k }, g) => {
  if (x.shape.length === 0 || k === 0 || x.dtype === 'bool') return null
  const shape = [...x.shape.slice(0, -1), k]
  const outputs = [
    { shape, dtype: x.dtype },
    { shape, dtype: 'int64' as const },
  ]
  const [values, indices] = g.emitAll('TopK', [x, g.int64s([k])], outputs, { axis: -1, sorted: 1 })
  return [values!, g.convert(indices!, 'int32')]
})
