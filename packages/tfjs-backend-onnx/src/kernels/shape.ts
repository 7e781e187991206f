import { backend_util, slice_util, util } from '@tensorflow/tfjs-core'
import { channelBlock } from '../device/channel-block'
import { constantOfShape, emit, emitAll, int64s, leaf, filled, reshape, softInt64s, softScalar } from '../graph/trace'
import { type GraphType, type Value, sameShape, sizeOf } from '../graph/value'
import { cast, numeric } from './cast'
import { planesIntoBlocks } from './channel-blocks'
import { defineKernel, defineSharingKernel } from './define'

interface Operand {
  x: Value
}
type List = Record<string, Value>

defineSharingKernel('Identity', ({ x }, _, backend) => backend.share(x!, x!.shape))

defineSharingKernel<{ shape: number[] }>('Reshape', ({ x }, { shape }, backend) => {
  const size = sizeOf(x!.shape)
  const target = util.inferFromImplicitShape(shape, size)
  util.assert(
    size === sizeOf(target),
    () =>
      `The new shape (${target}) has ${sizeOf(target)} elements and the old shape (${x!.shape}) has ${size} elements. The new shape and old shape must have the same number of elements.`,
  )
  return backend.share(x!, target)
})

defineSharingKernel<{ dim: number }>('ExpandDims', ({ input }, { dim }, backend) => {
  const shape = [...input!.shape]
  util.assert(
    -(shape.length + 1) <= dim,
    () => `Axis must be in the interval [${-(shape.length + 1)}, ${shape.length}]`,
  )
  shape.splice(dim < 0 ? dim + shape.length + 1 : dim, 0, 1)
  return backend.share(input!, shape)
})

/** A permutation of axes without those that stay beside each other: the shape, and the permutation, of what is left. */
function merged(shape: readonly number[], permutation: readonly number[]): { shape: number[]; order: number[] } {
  const runs: number[][] = []
  for (const axis of permutation) {
    const last = runs.at(-1)
    if (last?.at(-1) === axis - 1) last.push(axis)
    else runs.push([axis])
  }
  const starts = runs.map((run) => run[0]!).sort((x, y) => x - y)
  const sizes = starts.map((start) => runs.find((run) => run[0] === start)!.reduce((n, axis) => n * shape[axis]!, 1))
  return { shape: sizes, order: runs.map((run) => starts.indexOf(run[0]!)) }
}

const permuted = (v: Value, permutation: readonly number[]): Value =>
  emit(
    'Transpose',
    [v],
    permutation.map((p) => v.shape[p]!),
    v.dtype,
    { perm: [...permutation] },
  )

/** Below that many elements it does not matter how. */
const manyElements = 2 ** 14

/** `block`: of ONNX Runtime's images in blocks of channels, where it has these. */
export function transpose(v: Value, permutation: readonly number[], block: number | null = null): Value {
  if (permutation.every((p, i) => p === i)) return emit('Identity', [v], v.shape, v.dtype)
  // most are small, or leave the batch where it is
  if (v.size < manyElements || permutation[0] === 0) return permuted(v, permutation)
  const { shape, order } = merged(v.shape, permutation)
  if (order.join() !== '2,1,0') return permuted(v, permutation)
  const result = permutation.map((p) => v.shape[p]!)
  // Three groups of axes in reverse, as when filters go from torch's order to tfjs': in two steps, one of a matrix, one of whole rows, several times
  // as fast as number by number.
  const [first, second, third] = shape as [number, number, number]
  if (third < first) {
    const turned = turnedMatrix(reshape(v, [first, second * third]), block)
    return reshape(permuted(reshape(turned, [second, third, first]), [1, 0, 2]), result)
  }
  const swapped = permuted(reshape(v, shape), [1, 0, 2])
  return reshape(turnedMatrix(reshape(swapped, [second * first, third]), block), result)
}

/**
 * A matrix transposed. ONNX Runtime may merge two transpositions into the slow one that they were to replace; not so where one of them is done by its
 * reordering of images into blocks, as channels [rows] of pixels [columns].
 */
function turnedMatrix(v: Value, block: number | null): Value {
  const [rows, columns] = v.shape as [number, number]
  if (block === null || v.dtype !== 'float32' || rows % block !== 0) return permuted(v, [1, 0])
  const image = reshape(v, [1, rows, 1, columns])
  return reshape(permuted(reshape(planesIntoBlocks(image), [rows / block, columns, block]), [1, 0, 2]), [columns, rows])
}

defineKernel<Operand, { perm: number[] }>('Transpose', ({ x }, { perm }, backend) =>
  transpose(x, perm, channelBlock(backend.options.executionProviders)),
)

/** Offsets are soft: a loop over the parts of a data set stays one graph. */
export function slice(v: Value, begin: readonly number[], size: readonly number[]): Value {
  if (sameShape(v.shape, size)) return v
  const axes = begin.map((_, i) => i)
  const end = begin.map((b, i) => b + size[i]!)
  return emit('Slice', [v, softInt64s(begin), softInt64s(end), int64s(axes)], size, v.dtype)
}
defineKernel<Operand, { begin: number | number[]; size: number | number[] }>('Slice', ({ x }, { begin, size }) => {
  const info = { dataId: {}, shape: [...x.shape], dtype: x.dtype as 'float32' }
  const [from, extent] = slice_util.parseSliceParams(info as never, begin, size) as [number[], number[]]
  slice_util.assertParamsValid(info as never, from, extent)
  return slice(x, from, extent)
})

defineKernel<List, { axis: number }>('Concat', (inputs, { axis }) => {
  const values = Object.values(inputs)
  const [along] = util.parseAxisParam(axis, [...values[0]!.shape])
  const shapes = values.map((v) => [...v.shape])
  backend_util.assertParamsConsistent(shapes, along!)
  const shape = backend_util.computeOutShape(shapes, along!)
  if (values.length === 1) return values[0]!
  return emit('Concat', values, shape, values[0]!.dtype, { axis: along! })
})

defineKernel<List, { axis: number }>('Pack', (inputs, { axis }) => {
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
  const parts = values.map((v) => reshape(v, part))
  return parts.length === 1 ? parts[0]! : emit('Concat', parts, shape, first.dtype, { axis: along })
})

export function split(v: Value, sizes: readonly number[], axis: number): Value[] {
  if (sizes.length === 1) return [v]
  const outputs = sizes.map((n) => ({ shape: v.shape.map((d, i) => (i === axis ? n : d)), dtype: v.dtype }))
  return emitAll('Split', [v, int64s(sizes)], outputs, { axis })
}

defineKernel<Operand, { numOrSizeSplits: number | number[]; axis: number }>('SplitV', ({ x }, attributes) => {
  const [axis] = util.parseAxisParam(attributes.axis, [...x.shape])
  const info = { shape: [...x.shape] }
  return split(x, backend_util.prepareSplitSize(info as never, attributes.numOrSizeSplits, axis), axis!)
})

defineKernel<{ value: Value }, { axis: number }>('Unpack', ({ value }, { axis }) => {
  const along = axis < 0 ? axis + value.shape.length : axis
  const shape = value.shape.filter((_, i) => i !== along)
  return split(value, new Array<number>(value.shape[along]!).fill(1), along).map((part) => reshape(part, shape))
})

defineKernel<Operand, { reps: number[] }>('Tile', ({ x }, { reps }) =>
  emit(
    'Tile',
    [x, int64s(reps)],
    x.shape.map((d, i) => d * reps[i]!),
    x.dtype,
  ),
)

defineKernel<Operand, { shape: number[] }>('BroadcastTo', ({ x }, { shape }) =>
  emit('Expand', [x, int64s(shape)], shape, x.dtype),
)

defineKernel<Operand, { paddings: [number, number][]; constantValue: number }>(
  'PadV2',
  ({ x }, { paddings, constantValue }) => {
    const shape = x.shape.map((d, i) => d + paddings[i]![0] + paddings[i]![1])
    if (x.shape.length === 0) return x
    const pads = int64s([...paddings.map((p) => p[0]), ...paddings.map((p) => p[1])])
    const v = numeric(x)
    return cast(emit('Pad', [v, pads, softScalar(constantValue, v.dtype)], shape, v.dtype), x.dtype)
  },
)

defineKernel<Operand, { paddings: [number, number][]; mode: string }>('MirrorPad', ({ x }, { paddings, mode }) => {
  if (mode !== 'reflect' || x.dtype !== 'float32') return null
  const shape = x.shape.map((d, i) => d + paddings[i]![0] + paddings[i]![1])
  const pads = int64s([...paddings.map((p) => p[0]), ...paddings.map((p) => p[1])])
  return emit('Pad', [x, pads], shape, x.dtype, { mode: 'reflect' })
})

defineKernel<Operand, { dims: number | number[] }>('Reverse', ({ x }, { dims }) => {
  const axes = util.parseAxisParam(dims, [...x.shape])
  if (axes.length === 0 || x.shape.length === 0) return x
  const each = (n: number) => int64s(axes.map(() => n))
  return emit('Slice', [x, each(-1), each(-(2 ** 31)), int64s(axes), each(-1)], x.shape, x.dtype)
})

/** Tensors of one value are leaves of their own: made in the graph, they would change its structure. */
const filledLeaf = (shape: readonly number[], value: number, dtype: GraphType): Value =>
  leaf(filled(dtype, sizeOf(shape), value), shape, dtype)

defineKernel<unknown, { shape: number[]; value: number; dtype?: GraphType | 'string' }>(
  'Fill',
  (_, { shape, value, dtype }) => {
    const type = dtype ?? util.inferDtype(value)
    return type === 'string' ? null : filledLeaf(shape, value, type as GraphType)
  },
)
defineKernel<unknown, { start: number; stop: number; step: number; dtype: 'float32' | 'int32' }>(
  'Range',
  (_, { start, stop, step, dtype }) => {
    const backwards = start > stop && step === 1
    const isEmpty = start === stop || (start < stop && step < 0) || (start > stop && step > 0 && !backwards)
    const length = isEmpty ? 0 : Math.abs(Math.ceil((stop - start) / step))
    const data = dtype === 'int32' ? new Int32Array(length) : new Float32Array(length)
    // Sums as tfjs does, each rounded to the type.
    data.forEach((_, i) => (data[i] = i === 0 ? start : data[i - 1]! + (backwards ? -1 : step)))
    return leaf(data, [length], dtype)
  },
)

defineKernel<Operand>('ZerosLike', ({ x }) => filledLeaf(x.shape, 0, x.dtype))
defineKernel<Operand>('OnesLike', ({ x }) => filledLeaf(x.shape, 1, x.dtype))

defineKernel<
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
>('StridedSlice', ({ x }, a) => {
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
  if (info.isIdentity) return reshape(x, info.finalShape)
  if (sizeOf(info.finalShape) === 0) return leaf(filled(x.dtype, 0, 0), info.finalShape, x.dtype)
  if (info.strides.some((s) => s < 0)) return null
  const extent = slice_util.computeOutShape(info.begin, info.end, info.strides)
  const axes = int64s(info.begin.map((_, i) => i))
  const inputs = [x, softInt64s(info.begin), softInt64s(info.end), axes, int64s(info.strides)]
  return reshape(emit('Slice', inputs, extent, x.dtype), info.finalShape)
})

export { constantOfShape }
