import { backend_util, slice_util, util } from '@tensorflow/tfjs-core'
import type { Recorder } from '../../graph/recorder'
import { type GraphType, type Value, filled, sameShape, sizeOf } from '../../graph/value'
import { cast, numeric } from './cast'
import { KernelSet } from './kernel-set'

export const kernels = new KernelSet()

interface Operand {
  x: Value
}
type List = Record<string, Value>

kernels.defineAlias('Identity', ({ x }, _, host) => host.alias(x!, x!.shape))

kernels.defineAlias<{ shape: number[] }>('Reshape', ({ x }, { shape }, host) => {
  const size = sizeOf(x!.shape)
  const target = util.inferFromImplicitShape(shape, size)
  util.assert(
    size === sizeOf(target),
    () =>
      `The new shape (${target}) has ${sizeOf(target)} elements and the old shape (${x!.shape}) has ${size} elements. The new shape and old shape must have the same number of elements.`,
  )
  return host.alias(x!, target)
})

kernels.defineAlias<{ dim: number }>('ExpandDims', ({ input }, { dim }, host) => {
  const shape = [...input!.shape]
  util.assert(
    -(shape.length + 1) <= dim,
    () => `Axis must be in the interval [${-(shape.length + 1)}, ${shape.length}]`,
  )
  shape.splice(dim < 0 ? dim + shape.length + 1 : dim, 0, 1)
  return host.alias(input!, shape)
})

kernels.define<Operand, { perm: number[] }>('Transpose', ({ x }, { perm }, _, lower) => lower.transpose(x, perm))

/** Offsets are soft: a loop over the parts of a data set stays one graph. */
export function slice(g: Recorder, v: Value, begin: readonly number[], size: readonly number[]): Value {
  if (sameShape(v.shape, size)) return v
  const axes = begin.map((_, i) => i)
  const end = begin.map((b, i) => b + size[i]!)
  return g.emit('Slice', [v, g.softInt64s(begin), g.softInt64s(end), g.int64s(axes)], size, v.dtype)
}
kernels.define<Operand, { begin: number | number[]; size: number | number[] }>('Slice', ({ x }, { begin, size }, g) => {
  const info = { dataId: {}, shape: [...x.shape], dtype: x.dtype as 'float32' }
  const [from, extent] = slice_util.parseSliceParams(info as never, begin, size) as [number[], number[]]
  slice_util.assertParamsValid(info as never, from, extent)
  return slice(g, x, from, extent)
})

kernels.define<List, { axis: number }>('Concat', (inputs, { axis }, g) => {
  const values = Object.values(inputs)
  const [along] = util.parseAxisParam(axis, [...values[0]!.shape])
  const shapes = values.map((v) => [...v.shape])
  backend_util.assertParamsConsistent(shapes, along!)
  const shape = backend_util.computeOutShape(shapes, along!)
  if (values.length === 1) return values[0]!
  return g.emit('Concat', values, shape, values[0]!.dtype, { axis: along! })
})

kernels.define<List, { axis: number }>('Pack', (inputs, { axis }, g) => {
  const values = Object.values(inputs)
  const first = values[0]!
  for (const v of values) {
    util.assertShapesMatch([...first.shape], [...v.shape], 'All tensors passed to stack must have matching shapes')
    util.assert(first.dtype === v.dtype, () => 'All tensors passed to stack must have matching dtypes')
  }
  const along = axis < 0 ? axis + first.shape.length + 1 : axis
  const part = [...first.shape]
  part.splice(along, 0, 1)
  const shape = [...part]
  shape[along] = values.length
  const parts = values.map((v) => g.reshape(v, part))
  return parts.length === 1 ? parts[0]! : g.emit('Concat', parts, shape, first.dtype, { axis: along })
})

export function split(g: Recorder, v: Value, sizes: readonly number[], axis: number): Value[] {
  if (sizes.length === 1) return [v]
  const outputs = sizes.map((n) => ({ shape: v.shape.map((d, i) => (i === axis ? n : d)), dtype: v.dtype }))
  return g.emitAll('Split', [v, g.int64s(sizes)], outputs, { axis })
}

kernels.define<Operand, { numOrSizeSplits: number | number[]; axis: number }>('SplitV', ({ x }, attributes, g) => {
  const [axis] = util.parseAxisParam(attributes.axis, [...x.shape])
  const info = { shape: [...x.shape] }
  return split(g, x, backend_util.prepareSplitSize(info as never, attributes.numOrSizeSplits, axis), axis!)
})

kernels.define<{ value: Value }, { axis: number }>('Unpack', ({ value }, { axis }, g) => {
  const along = axis < 0 ? axis + value.shape.length : axis
  const shape = value.shape.filter((_, i) => i !== along)
  return split(g, value, new Array<number>(value.shape[along]!).fill(1), along).map((part) => g.reshape(part, shape))
})

kernels.define<Operand, { reps: number[] }>('Tile', ({ x }, { reps }, g) =>
  g.emit(
    'Tile',
    [x, g.int64s(reps)],
    x.shape.map((d, i) => d * reps[i]!),
    x.dtype,
  ),
)

kernels.define<Operand, { shape: number[] }>('BroadcastTo', ({ x }, { shape }, g) =>
  g.emit('Expand', [x, g.int64s(shape)], shape, x.dtype),
)

kernels.define<Operand, { paddings: [number, number][]; constantValue: number }>(
  'PadV2',
  ({ x }, { paddings, constantValue }, g) => {
    const shape = x.shape.map((d, i) => d + paddings[i]![0] + paddings[i]![1])
    if (x.shape.length === 0) return x
    // Gradients of slices pad, and slices move.
    const pads = g.softInt64s([...paddings.map((p) => p[0]), ...paddings.map((p) => p[1])])
    const v = numeric(g, x)
    return cast(g, g.emit('Pad', [v, pads, g.softScalar(constantValue, v.dtype)], shape, v.dtype), x.dtype)
  },
)

kernels.define<Operand, { paddings: [number, number][]; mode: string }>('MirrorPad', ({ x }, { paddings, mode }, g) => {
  if (mode !== 'reflect' || x.dtype !== 'float32') return null
  const shape = x.shape.map((d, i) => d + paddings[i]![0] + paddings[i]![1])
  const pads = g.int64s([...paddings.map((p) => p[0]), ...paddings.map((p) => p[1])])
  return g.emit('Pad', [x, pads], shape, x.dtype, { mode: 'reflect' })
})

kernels.define<Operand, { dims: number | number[] }>('Reverse', ({ x }, { dims }, g) => {
  const axes = util.parseAxisParam(dims, [...x.shape])
  if (axes.length === 0 || x.shape.length === 0) return x
  const each = (n: number) => g.int64s(axes.map(() => n))
  return g.emit('Slice', [x, each(-1), each(-(2 ** 31)), g.int64s(axes), each(-1)], x.shape, x.dtype)
})

/** Tensors of one value are leaves of their own: made in the graph, they would change its structure. */
const filledLeaf = (g: Recorder, shape: readonly number[], value: number, dtype: GraphType): Value =>
  g.leaf(filled(dtype, sizeOf(shape), value), shape, dtype)

kernels.define<unknown, { shape: number[]; value: number; dtype?: GraphType | 'string' }>(
  'Fill',
  (_, { shape, value, dtype }, g) => {
    const type = dtype ?? util.inferDtype(value)
    return type === 'string' ? null : filledLeaf(g, shape, value, type as GraphType)
  },
)
kernels.define<unknown, { start: number; stop: number; step: number; dtype: 'float32' | 'int32' }>(
  'Range',
  (_, { start, stop, step, dtype }, g) => {
    const backwards = start > stop && step === 1
    const isEmpty = start === stop || (start < stop && step < 0) || (start > stop && step > 0 && !backwards)
    const length = isEmpty ? 0 : Math.abs(Math.ceil((stop - start) / step))
    const data = dtype === 'int32' ? new Int32Array(length) : new Float32Array(length)
    // Sums as tfjs does, each rounded to the type.
    data.forEach((_, i) => (data[i] = i === 0 ? start : data[i - 1]! + (backwards ? -1 : step)))
    return g.leaf(data, [length], dtype)
  },
)

kernels.define<Operand>('ZerosLike', ({ x }, _, g) => filledLeaf(g, x.shape, 0, x.dtype))
kernels.define<Operand>('OnesLike', ({ x }, _, g) => filledLeaf(g, x.shape, 1, x.dtype))

kernels.define<
  Operand,
  {
    begin: number[]
    end: number[]
    strides: number[]
    beginMask: number
    endMask: number
    ellipsisMask: number
    newAxisMask: number
    shrinkAxisMask: number
  }
>('StridedSlice', ({ x }, a, g) => {
  const info = slice_util.sliceInfo(
    [...x.shape],
    a.begin,
    a.end,
    a.strides,
    a.beginMask,
    a.endMask,
    a.ellipsisMask,
    a.newAxisMask,
    a.shrinkAxisMask,
  )
  if (info.isIdentity) return g.reshape(x, info.finalShape)
  if (sizeOf(info.finalShape) === 0) return g.leaf(filled(x.dtype, 0, 0), info.finalShape, x.dtype)
  if (info.strides.some((s) => s < 0)) return null
  const extent = slice_util.computeOutShape(info.begin, info.end, info.strides)
  const axes = g.int64s(info.begin.map((_, i) => i))
  const inputs = [x, g.softInt64s(info.begin), g.softInt64s(info.end), axes, g.int64s(info.strides)]
  return g.reshape(g.emit('Slice', inputs, extent, x.dtype), info.finalShape)
})
