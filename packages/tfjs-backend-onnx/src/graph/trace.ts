import { Storage } from './storage'
import {
  type Attributes,
  type Constant,
  type GraphType,
  type Node,
  type TypedArray,
  Value,
  sameShape,
  sizeOf,
  typedArray,
} from './value'

/** ONNX Runtime's own operators (FusedMatMul, Gelu, ...). */
export const contrib = 'com.microsoft'
/** Its operators on images whose channels lie in blocks: [batch, channels / block, height, width, block]. */
export const nchwc = 'com.microsoft.nchwc'

interface OutputSpec {
  shape: readonly number[]
  dtype: GraphType
}

const keys = new Map<string, number>()
const state = { pending: [] as Node[], kernel: '' }

/** Nodes recorded since the last flush, in order of recording. */
export const pendingNodes = (): readonly Node[] => state.pending
export const pendingCount = (): number => state.pending.length
export function clearPending(): void {
  state.pending = []
}
/** Says which tfjs kernel records from here on. */
export function enterKernel(name: string): void {
  state.kernel = name
}

function intern(op: string, domain: string, attributes: Attributes | undefined): number {
  const text = attributes ? op + domain + JSON.stringify(attributes) : op + domain
  let key = keys.get(text)
  if (key === undefined) keys.set(text, (key = keys.size + 1))
  return key
}

/** Records an operation with several outputs. An output without elements needs no operation and becomes an empty leaf. */
export function emitAll(
  op: string,
  inputs: Value[],
  outputs: readonly OutputSpec[],
  attributes?: Attributes,
  domain = '',
): Value[] {
  if (outputs.every((o) => sizeOf(o.shape) === 0))
    return outputs.map((o) => leaf(typedArray(o.dtype, 0), o.shape, o.dtype))
  const node: Node = {
    op,
    domain,
    attributes,
    key: intern(op, domain, attributes),
    kernel: state.kernel,
    inputs,
    outputs: [],
    stamp: 0,
  }
  for (const { shape, dtype } of outputs) {
    const value = new Value(shape, dtype)
    value.node = node
    node.outputs.push(value)
  }
  state.pending.push(node)
  return node.outputs
}

/** Records an operation with one output. */
export function emit(
  op: string,
  inputs: Value[],
  shape: readonly number[],
  dtype: GraphType,
  attributes?: Attributes,
  domain = '',
): Value {
  return emitAll(op, inputs, [{ shape, dtype }], attributes, domain)[0]!
}

/** A stored value over the caller's array, which must not change any more. */
export function leaf(data: TypedArray, shape: readonly number[], dtype: GraphType): Value {
  const value = new Value(shape, dtype)
  value.storage = new Storage(dtype, data.length, data)
  return value
}

function constantValue(
  data: TypedArray,
  shape: readonly number[],
  dtype: GraphType,
  kind: Constant['kind'],
  key: string,
) {
  const value = new Value(shape, dtype)
  value.constant = { data, kind, key }
  return value
}

/** Keeps the most recently made constants, so that equal ones are one value of a graph. */
function memo(limit: number): (key: string, make: () => Value) => Value {
  const known = new Map<string, Value>()
  return (key, make) => {
    let value = known.get(key)
    if (value === undefined) {
      value = make()
      known.set(key, value)
      if (known.size > limit) known.delete(known.keys().next().value!)
    }
    return value
  }
}

const integerConstants = memo(4096)
const otherConstants = memo(4096)
const largeConstants = memo(64)

/** A fixed int64 vector: axes, shapes, pads. Part of the signature. */
export function int64s(values: readonly number[]): Value {
  const key = values.join()
  return integerConstants(key, () =>
    constantValue(BigInt64Array.from(values, BigInt), [values.length], 'int64', 'fixed', `I${key}`),
  )
}

/** An int64 vector that may differ from step to step, as slice offsets do. */
export function softInt64s(values: readonly number[]): Value {
  return constantValue(BigInt64Array.from(values, BigInt), [values.length], 'int64', 'soft', '')
}

/** A fixed scalar that belongs to the meaning of an operation. Part of the signature. */
export function scalar(value: number, dtype: GraphType = 'float32'): Value {
  const key = `S${dtype}${Object.is(value, -0) ? '-0' : value}`
  return fixed(key, [], dtype, () => filled(dtype, 1, value))
}

/** A scalar that comes from the caller's attributes and may differ from step to step. */
export function softScalar(value: number, dtype: GraphType = 'float32'): Value {
  return constantValue(filled(dtype, 1, value), [], dtype, 'soft', '')
}

/** A constant that `key` says all about; made where no equal one is at hand. Part of the signature. */
export function fixed(key: string, shape: readonly number[], dtype: GraphType, elements: () => TypedArray): Value {
  const constants = sizeOf(shape) > 1024 ? largeConstants : otherConstants
  return constants(key, () => constantValue(elements(), shape, dtype, 'fixed', key))
}

/** 0, 1, ..., n − 1 as a fixed int32 vector. */
export const int32Range = (n: number): Value =>
  fixed(`R${n}`, [n], 'int32', () => Int32Array.from({ length: n }, (_, i) => i))

/** `length` elements of `dtype`, all `value`. */
export function filled(dtype: GraphType, length: number, value: number): TypedArray {
  const data = typedArray(dtype, length)
  if (data instanceof BigInt64Array) data.fill(BigInt(value))
  else data.fill(value)
  return data
}

/** A tensor of one value, made in the graph. */
export function constantOfShape(shape: readonly number[], value: number, dtype: GraphType): Value {
  return emit('ConstantOfShape', [int64s(shape)], shape, dtype, { value: { zeros: dtype, value } })
}

/** The same elements in another shape; free for stored values. */
export function reshape(value: Value, shape: readonly number[]): Value {
  if (sameShape(value.shape, shape)) return value
  if (value.node?.op === 'Reshape') return reshape(value.node.inputs[0]!, shape)
  const key = shape.join()
  value.views ??= new Map()
  let view = value.views.get(key)
  if (view === undefined) {
    if (value.storage !== null) {
      view = new Value(shape, value.dtype)
      view.storage = value.storage
    } else if (value.constant !== null) {
      view = constantValue(value.constant.data, shape, value.dtype, value.constant.kind, `${value.constant.key}@${key}`)
    } else view = emit('Reshape', [value, int64s(shape)], shape, value.dtype)
    value.views.set(key, view)
  }
  return view
}

const typeCodes: Record<GraphType, number> = { float32: 1, int32: 6, int64: 7, bool: 9, float64: 11 }

/** ONNX's plain conversion; see kernels/cast.ts for tfjs' semantics. */
export function rawCast(value: Value, dtype: GraphType): Value {
  return value.dtype === dtype ? value : emit('Cast', [value], value.shape, dtype, { to: typeCodes[dtype] })
}
