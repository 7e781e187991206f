import type { GraphType, TypedArray } from './element-types'
import type { Storage } from './storage'

export type { GraphType, TypedArray } from './element-types'

/** A value known when the graph is built. */
export interface Constant {
  data: TypedArray
  /**
   * `fixed`: part of the graph's signature (axes, shapes). `soft`: left out of it; baked into the session until a later
   * graph of the same signature comes with another value, from then on an input (slice offsets, clip limits).
   */
  kind: 'fixed' | 'soft'
  key: string
}

/** A graph that a node runs many times. Its nodes may use the values around it. */
export interface Body {
  nodes: readonly Node[]
  inputs: readonly Value[]
  outputs: readonly Value[]
}

export type Attribute =
  number | string | readonly number[] | { float: number } | { zeros: GraphType; value: number } | { body: Body }
export type Attributes = Record<string, Attribute>

/** An operation that has been recorded and not yet run. */
export interface Node {
  op: string
  domain: string
  attributes: Attributes | undefined
  /** Interned number of (op, domain, attributes). */
  key: number
  /** The kernel that recorded it, for error messages. */
  kernel: string
  inputs: Value[]
  outputs: Value[]
  stamp: number
}

/**
 * A tensor of the graph: made by a pending node, held in storage, or constant.
 * Immutable but for one transition: a flush turns pending values that are still wanted into stored ones.
 */
export class Value {
  node: Node | null = null
  storage: Storage | null = null
  constant: Constant | null = null
  /** How many tensors stand for this value while it is pending; its storage counts from then on. */
  references = 0
  /** The same data in other shapes, by shape. */
  views: Map<string, Value> | null = null
  /** The flush that last saw this value, and its number there. */
  stamp = 0
  slot = 0

  constructor(
    readonly shape: readonly number[],
    readonly dtype: GraphType,
  ) {}

  get size(): number {
    let n = 1
    for (const d of this.shape) n *= d
    return n
  }
}

export const sizeOf = (shape: readonly number[]): number => {
  let n = 1
  for (const d of shape) n *= d
  return n
}

export const sameShape = (a: readonly number[], b: readonly number[]): boolean => {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** A buffer's elements. */
export function viewOf(dtype: GraphType, buffer: ArrayBuffer): TypedArray {
  switch (dtype) {
    case 'float32':
      return new Float32Array(buffer)
    case 'int32':
      return new Int32Array(buffer)
    case 'bool':
    case 'uint8':
      return new Uint8Array(buffer)
    case 'int8':
      return new Int8Array(buffer)
    case 'float16':
      return new Uint16Array(buffer)
    case 'int64':
      return new BigInt64Array(buffer)
    case 'float64':
      return new Float64Array(buffer)
  }
}

export const bytesPerElement: Record<GraphType, number> = {
  ...{ float32: 4, int32: 4, bool: 1, int64: 8, float64: 8 },
  ...{ uint8: 1, int8: 1, float16: 2 },
}

/** A zeroed array of `length` elements of `dtype`. */
export const typedArray = (dtype: GraphType, length: number): TypedArray =>
  viewOf(dtype, new ArrayBuffer(length * bytesPerElement[dtype]))

/** `length` elements of `dtype`, all `value`. */
export function filled(dtype: GraphType, length: number, value: number): TypedArray {
  const data = typedArray(dtype, length)
  if (data instanceof BigInt64Array) data.fill(BigInt(value))
  else data.fill(value)
  return data
}

/** Bytes of a value as far as costs go, which are about floats and what is narrower than them on purpose. */
export const bytesOf = ({ size, dtype }: Value): number =>
  size * (dtype === 'int8' || dtype === 'uint8' ? 1 : dtype === 'float16' ? 2 : 4)

/** The same memory, byte by byte. */
export const rawBytes = ({ buffer, byteOffset, byteLength }: TypedArray): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

/** The shape of an operation on elements whose operands repeat along axes of length 1, and along axes they do not have. */
export function broadcastShapes(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length)
  const at = (shape: readonly number[], i: number) => shape[i - rank + shape.length] ?? 1
  return Array.from({ length: rank }, (_, i) => {
    const [x, y] = [at(a, i), at(b, i)]
    if (x === 1) return y
    if (y === 1 || x === y) return x
    throw new Error(`Operands could not be broadcast together with shapes ${a.join()} and ${b.join()}.`)
  })
}
