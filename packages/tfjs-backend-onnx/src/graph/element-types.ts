/** Element types inside a graph. The last two exist only between nodes; tfjs never sees them. */
export type GraphType = 'float32' | 'int32' | 'bool' | 'int64' | 'float64'

export type TypedArray = Float32Array | Int32Array | Uint8Array | BigInt64Array | Float64Array
