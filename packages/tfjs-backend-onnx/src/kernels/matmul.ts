import { broadcast_util, util } from '@tensorflow/tfjs-core'
import { contrib, emit, reshape, scalar } from '../graph/trace'
import type { Attributes, Value } from '../graph/value'
import { where } from './binary'
import { cast, numeric } from './cast'
import { defineKernel } from './define'

export interface MatMulOptions {
  transposeA?: boolean
  transposeB?: boolean
  /** Factor of the product. */
  alpha?: number
}

const isSingle = (v: Value) => v.shape.length === 3 && v.shape[0] === 1
const squeeze = (v: Value) => reshape(v, v.shape.slice(1))

/** Matrix product over the last two axes; leading axes broadcast. */
export function matmul(
  a: Value,
  b: Value,
  { transposeA = false, transposeB = false, alpha = 1 }: MatMulOptions = {},
): Value {
  if (isSingle(a) && isSingle(b)) {
    const product = matmul(squeeze(a), squeeze(b), { transposeA, transposeB, alpha })
    return reshape(product, [1, ...product.shape])
  }
  const rows = a.shape.at(transposeA ? -1 : -2)!
  const columns = b.shape.at(transposeB ? -2 : -1)!
  const batch = broadcast_util.assertAndGetBroadcastShape([...a.shape.slice(0, -2)], [...b.shape.slice(0, -2)])
  const shape = [...batch, rows, columns]
  if (!transposeA && !transposeB && alpha === 1) return emit('MatMul', [a, b], shape, a.dtype)
  const attributes = { transA: Number(transposeA), transB: Number(transposeB), alpha: { float: alpha } }
  return emit('FusedMatMul', [a, b], shape, a.dtype, attributes, contrib)
}

function assertInnerMatches(a: Value, b: Value, { transposeA, transposeB }: MatMulOptions): void {
  const inner = a.shape.at(transposeA ? -2 : -1)
  util.assert(
    inner === b.shape.at(transposeB ? -1 : -2),
    () =>
      `Error in matMul: inner shapes (${inner}) and (${b.shape.at(transposeB ? -1 : -2)}) of Tensors with shapes ` +
      `${a.shape} and ${b.shape} and transposeA=${transposeA} and transposeB=${transposeB} must match.`,
  )
}

defineKernel<{ a: Value; b: Value }, MatMulOptions>('BatchMatMul', ({ a, b }, options) => {
  assertInnerMatches(a, b, options)
  const [x, y] = [numeric(a), numeric(b)]
  if (x.dtype === 'float32' && y.dtype === 'float32') return matmul(x, y, options)
  // ONNX Runtime's fused product knows floats only.
  return options.transposeA || options.transposeB || x.dtype !== y.dtype ? null : matmul(x, y, options)
})

interface FusedInputs {
  bias?: Value
  preluActivationWeights?: Value
}
interface ActivationAttributes {
  activation: string
  leakyreluAlpha?: number
}

/** Bias, already added by the caller's operation or not, and the activation of tfjs' fused kernels. */
export function activate(
  v: Value,
  { preluActivationWeights }: FusedInputs,
  attributes: ActivationAttributes,
): Value | null {
  const apply = (op: string, more?: Attributes) => emit(op, [v], v.shape, v.dtype, more)
  switch (attributes.activation) {
    case undefined:
    case null:
    case 'linear':
      return v
    case 'relu':
      return apply('Relu')
    case 'relu6':
      return emit('Clip', [v, scalar(0), scalar(6)], v.shape, v.dtype)
    case 'elu':
      return apply('Elu')
    case 'sigmoid':
      return apply('Sigmoid')
    case 'leakyrelu':
      return apply('LeakyRelu', { alpha: { float: attributes.leakyreluAlpha ?? 0.2 } })
    case 'prelu': {
      const negative = emit('Less', [v, scalar(0)], v.shape, 'bool')
      return where(negative, emit('Mul', [v, preluActivationWeights!], v.shape, v.dtype), v, v.shape, v.dtype)
    }
    default:
      return null
  }
}

defineKernel<{ a: Value; b: Value } & FusedInputs, MatMulOptions & ActivationAttributes>(
  '_FusedMatMul',
  (inputs, attributes) => {
    const { bias } = inputs
    assertInnerMatches(inputs.a, inputs.b, attributes)
    if (inputs.a.dtype !== 'float32' || inputs.b.dtype !== 'float32') return null
    const single = isSingle(inputs.a) && isSingle(inputs.b)
    const [a, b] = single ? [squeeze(inputs.a), squeeze(inputs.b)] : [inputs.a, inputs.b]
    const { transposeA = false, transposeB = false } = attributes
    let product: Value
    if (bias && bias.shape.length <= 2 && a.shape.length === 2 && b.shape.length === 2) {
      const shape = [a.shape[transposeA ? 1 : 0]!, b.shape[transposeB ? 0 : 1]!]
      const flags = { transA: Number(transposeA), transB: Number(transposeB) }
      product = emit('Gemm', [a, b, cast(bias, 'float32')], shape, 'float32', flags)
    } else {
      product = matmul(a, b, { transposeA, transposeB })
      if (bias) product = emit('Add', [product, cast(bias, 'float32')], product.shape, 'float32')
    }
    const result = activate(product, inputs, attributes)
    return result && single ? reshape(result, [1, ...result.shape]) : result
  },
)
