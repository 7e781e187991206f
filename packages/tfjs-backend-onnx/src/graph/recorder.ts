import { Constants, constantValue } from './constants'
import type { PendingGraph } from './pending-graph'
import { Collector } from './signature'
import { Storage } from './storage'
import {
  type Attributes,
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

/** TensorProto.DataType, see `onnx-model.ts`. */
const typeCodes: Record<GraphType, number> = {
  ...{ float32: 1, uint8: 2, int8: 3, int32: 6 },
  ...{ int64: 7, bool: 9, float16: 10, float64: 11 },
}

/**
 * Records operations, which computes nothing, and says what has been recorded. Values, nodes, constants and buffer numbers belong
 * to the recorder that made them: every backend has one of its own.
 */
export class Recorder {
  private readonly constants = new Constants()
  private readonly collector = new Collector()
  private readonly keys = new Map<string, number>()
  /** Values over stored elements, by shape. */
  private readonly values = new WeakMap<Storage, Map<string, Value>>()
  private nodes: Node[] = []
  private kernel = ''
  private lastBuffer = 0

  /** How many nodes have been recorded since the last time they were cleared. */
  get pendingCount(): number {
    return this.nodes.length
  }

  /** The nodes recorded, in order. */
  get pending(): readonly Node[] {
    return this.nodes
  }

  /** Forgets what is pending. */
  clear(): void {
    this.nodes = []
  }

  /** Says for which kernel is recorded from here on; error messages name it. */
  enter(kernel: string): void {
    this.kernel = kernel
  }

  /**
   * The part of the pending nodes that `outputs` need; see `Collector.collect`.
   * @param constantBytes how much of frozen values may become constants; by default as many as pay
   */
  collect(outputs: Value[], constantBytes?: number): PendingGraph {
    return this.collector.collect(this.nodes, outputs, constantBytes)
  }

  /** A number for a buffer of the device. */
  newBufferId(): number {
    return ++this.lastBuffer
  }

  /** Where elements are kept: those given, or what a program is about to compute. */
  newStorage(dtype: GraphType, length: number, host: TypedArray | null): Storage {
    return new Storage(this.newBufferId(), dtype, length, host)
  }

  private intern(op: string, domain: string, attributes: Attributes | undefined): number {
    const text = attributes ? op + domain + JSON.stringify(attributes) : op + domain
    let key = this.keys.get(text)
    if (key === undefined) this.keys.set(text, (key = this.keys.size + 1))
    return key
  }

  /** Records an operation with several outputs. An output without elements needs no operation and becomes an empty leaf. */
  emitAll(op: string, inputs: Value[], outputs: readonly OutputSpec[], attributes?: Attributes, domain = ''): Value[] {
    if (outputs.every((o) => sizeOf(o.shape) === 0))
      return outputs.map((o) => this.leaf(typedArray(o.dtype, 0), o.shape, o.dtype))
    const node: Node = {
      op,
      domain,
      attributes,
      key: this.intern(op, domain, attributes),
      kernel: this.kernel,
      inputs,
      outputs: [],
      stamp: 0,
    }
    for (const { shape, dtype } of outputs) {
      const value = new Value(shape, dtype)
      value.node = node
      node.outputs.push(value)
    }
    this.nodes.push(node)
    return node.outputs
  }

  /** Records an operation with one output. */
  emit(
    op: string,
    inputs: Value[],
    shape: readonly number[],
    dtype: GraphType,
    attributes?: Attributes,
    domain = '',
  ): Value {
    return this.emitAll(op, inputs, [{ shape, dtype }], attributes, domain)[0]!
  }

  /** A value over elements that are stored already, the same one for the same shape. */
  stored(storage: Storage, shape: readonly number[]): Value {
    const key = shape.join()
    const known = this.values.get(storage) ?? new Map<string, Value>()
    let value = known.get(key)
    if (value === undefined) {
      value = new Value(shape, storage.dtype)
      value.storage = storage
      this.values.set(storage, known.set(key, value))
    }
    return value
  }

  /** A stored value over the caller's array, which must not change any more. */
  leaf(data: TypedArray, shape: readonly number[], dtype: GraphType): Value {
    const value = new Value(shape, dtype)
    value.storage = this.newStorage(dtype, data.length, data)
    return value
  }

  /** A fixed int64 vector: axes, shapes, pads. Part of the signature. */
  int64s(values: readonly number[]): Value {
    return this.constants.int64s(values)
  }

  /** An int64 vector that may differ from step to step, as slice offsets do. */
  softInt64s(values: readonly number[]): Value {
    return this.constants.softInt64s(values)
  }

  /** A fixed scalar that belongs to the meaning of an operation. Part of the signature. */
  scalar(value: number, dtype: GraphType = 'float32'): Value {
    return this.constants.scalar(value, dtype)
  }

  /** A scalar that comes from the caller's attributes and may differ from step to step. */
  softScalar(value: number, dtype: GraphType = 'float32'): Value {
    return this.constants.softScalar(value, dtype)
  }

  /** A constant that `key` says all about; made where no equal one is at hand. Part of the signature. */
  fixed(key: string, shape: readonly number[], dtype: GraphType, elements: () => TypedArray): Value {
    return this.constants.fixed(key, shape, dtype, elements)
  }

  /** 0, 1, ..., n − 1 as a fixed int32 vector. */
  int32Range(n: number): Value {
    return this.fixed(`R${n}`, [n], 'int32', () => Int32Array.from({ length: n }, (_, i) => i))
  }

  /** A tensor of one value, made in the graph. */
  constantOfShape(shape: readonly number[], value: number, dtype: GraphType): Value {
    return this.emit('ConstantOfShape', [this.int64s(shape)], shape, dtype, { value: { zeros: dtype, value } })
  }

  /** The same elements in another shape; free for stored values. */
  reshape(value: Value, shape: readonly number[]): Value {
    if (sameShape(value.shape, shape)) return value
    if (value.node?.op === 'Reshape') return this.reshape(value.node.inputs[0]!, shape)
    const key = shape.join()
    value.views ??= new Map()
    let view = value.views.get(key)
    if (view === undefined) {
      const { storage, constant, dtype } = value
      if (storage !== null) {
        view = new Value(shape, dtype)
        view.storage = storage
      } else if (constant !== null) {
        view = constantValue(constant.data, shape, dtype, constant.kind, `${constant.key}@${key}`)
      } else view = this.emit('Reshape', [value, this.int64s(shape)], shape, dtype)
      value.views.set(key, view)
    }
    return view
  }

  /** ONNX' plain conversion of types; see tfjs/kernels/cast.ts for tfjs' semantics. */
  convert(value: Value, dtype: GraphType): Value {
    return value.dtype === dtype ? value : this.emit('Cast', [value], value.shape, dtype, { to: typeCodes[dtype] })
  }
}
