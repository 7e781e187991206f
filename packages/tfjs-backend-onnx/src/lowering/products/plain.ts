import { type Recorder, contrib } from '../../graph/recorder'
import { type Value, broadcastShapes } from '../../graph/value'
import type { MatMulOptions, ProductStrategy } from './strategy'

/** Whether a value is one matrix with a leading axis. */
export const isSingle = (v: Value): boolean => v.shape.length === 3 && v.shape[0] === 1

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

/** Floats as they are; a bias of one matrix goes into the product. */
export const plainProduct: ProductStrategy = {
  name: 'plain',
  applies: () => true,
  record(g, { a, b, bias }, { transposeA, transposeB, alpha }) {
    if (bias === undefined) return matmul(g, a, b, { transposeA, transposeB, alpha })
    if (bias.shape.length <= 2 && a.shape.length === 2 && b.shape.length === 2 && alpha === 1) {
      const shape = [a.shape[transposeA ? 1 : 0]!, b.shape[transposeB ? 0 : 1]!]
      const flags = { transA: Number(transposeA), transB: Number(transposeB) }
      return g.emit('Gemm', [a, b, bias], shape, 'float32', flags)
    }
    const product = matmul(g, a, b, { transposeA, transposeB, alpha })
    return g.emit('Add', [product, bias], product.shape, 'float32')
  },
}
