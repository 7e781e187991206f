/**
 * Element types inside a graph. tfjs knows the first three only: the next three exist between nodes, and the last two hold the
 * narrow copies of frozen tensors. Halves are handed over by their bits.
 */
export type GraphType = 'float32' | 'int32' | 'bool' | 'int64' | 'float64' | 'uint8' | 'int8' | 'float16'

export type TypedArray = Float32Array | Int32Array | Uint8Array | BigInt64Array | Float64Array | Int8Array | Uint16Array
