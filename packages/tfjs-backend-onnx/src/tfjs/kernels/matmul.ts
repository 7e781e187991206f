import { util } from '@tensorflow/tfjs-core'
import type { Value } from '../../graph/value'
import type { MatMulOptions } from '../../lowering/products/strategy'
import { matmul } from '../../lowering/products/plain'
import { type ActivationAttributes, activate } from './activation'
import { cast, numeric } from './cast'
import { KernelSet } from './kernel-set'

export const kernels = new KernelSet()

function assertInnerMatches(a: Value, b: Value, { transposeA, transposeB }: MatMulOptions): void {
  const inner = a.shape.at(transposeA ? -2 : -1)
  util.assert(
    inner === b.shape.at(transposeB ? -1 : -2),
    () =>
      `Error in matMul: inner shapes (${inner}) and (${b.shape.at(transposeB ? -1 : -2)}) of Tensors with shapes ` +
      `${a.shape} and ${b.shape} and transposeA=${transposeA} and transposeB=${transposeB} must match.`,
  )
}

kernels.define<{ a: Value; b: Value }, MatMulOptions>('BatchMatMul', ({ a, b }, options, g, lower) => {
  assertInnerMatches(a, b, options)
  const [x, y] = [numeric(g, a), numeric(g, b)]
  if (x.dtype === 'float32' && y.dtype === 'float32') return lower.product(x, y, options)
  // ONNX Runtime's fused product knows floats only.
  return options.transposeA || options.transposeB || x.dtype !== y.dtype ? null : matmul(g, x, y, options)
})

interface FusedInputs {
  bias?: Value
  preluActivationWeights?: Value
}

const isSingle = (v: Value) => v.shape.length === 3 && v.shape[0] === 1

kernels.define<{ a: Value; b: Value } & FusedInputs, MatMulOptions & ActivationAttributes>(
  '_FusedMatMul',
  (inputs, attributes, g, lower) => {
    const { bias } = inputs
    assertInnerMatches(inputs.a, inputs.b, attributes)
    if (inputs.a.dtype !== 'float32' || inputs.b.dtype !== 'float32') return null
    const single = isSingle(inputs.a) && isSingle(inputs.b)
    const [a, b] = [inputs.a, inputs.b].map((v) => (single ? g.reshape(v, v.shape.slice(1)) : v)) as [Value, Value]
    const product = lower.product(a, b, attributes, bias && cast(g, bias, 'float32'))
    const result = activate(g, product, inputs, attributes)
    return result && single ? g.reshape(result, [1, ...result.shape]) : result
  },
)
