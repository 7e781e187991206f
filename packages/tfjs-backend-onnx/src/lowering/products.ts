import { type Recorder, contrib } from '../graph/recorder'
import { type Value, broadcastShapes } from '../graph/value'

export interface MatMulOptions {
  transposeA?: boolean
  transposeB?: boolean
  /** Factor of the product. */
  alpha?: number
}

const isSingle = (v: Value) => v.shape.length === 3 && v.shape[0] === 1

/** Matrix product over the last two axes; leading axes broadcast. */
export function matmul(
  g: Recorder,
  a: Value,
  b: Value,
  { transposeA = false, transposeB = false, alpha = 1 }: MatMulOptions = {},
): Value {
  if (isSingle(a) && isSingle(b)) {
    const squeeze = (v: Value) => g.reshape(v, v.shape.slice(1))
    const product = matmul(g, squeeze(a), squeeze(b), { transposeA, transposeB, alpha })
    return g.reshape(product, [1, ...product.shape])
  }
  const rows = a.shape.at(transposeA ? -1 : -2)!
  const columns = b.shape.at(transposeB ? -2 : -1)!
  const shape = [...broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2)), rows, columns]
  if (!transposeA && !transposeB && alpha === 1) return g.emit('MatMul', [a, b], shape, a.dtype)
  const attributes = { transA: Number(transposeA), transB: Number(transposeB), alpha: { float: alpha } }
  return g.emit('FusedMatMul', [a, b], shape, a.dtype, attributes, contrib)
}
