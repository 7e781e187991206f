import { emit, rawCast, scalar, softScalar } from '../graph/trace'
import type { Attributes, Value } from '../graph/value'
import { where } from './binary'
import { cast, not, numeric } from './cast'
import { defineKernel } from './define'

interface Operand {
  x: Value
}

const apply = (op: string, v: Value, attributes?: Attributes): Value => emit(op, [v], v.shape, v.dtype, attributes)

/** Functions of reals: integers become floats. */
const real: Record<string, string> = {
  Exp: 'Exp',
  Log: 'Log',
  Sqrt: 'Sqrt',
  Erf: 'Erf',
  Tanh: 'Tanh',
  Sigmoid: 'Sigmoid',
  Reciprocal: 'Reciprocal',
  Sin: 'Sin',
  Cos: 'Cos',
  Tan: 'Tan',
  Asin: 'Asin',
  Acos: 'Acos',
  Atan: 'Atan',
  Sinh: 'Sinh',
  Cosh: 'Cosh',
  Asinh: 'Asinh',
  Acosh: 'Acosh',
  Atanh: 'Atanh',
  Softplus: 'Softplus',
  Elu: 'Elu',
  Selu: 'Selu',
}
for (const [kernel, op] of Object.entries(real)) {
  defineKernel<Operand>(kernel, ({ x }) => apply(op, cast(x, 'float32')))
}

/** Functions that keep integers. */
for (const [kernel, op] of Object.entries({ Neg: 'Neg', Abs: 'Abs', Relu: 'Relu' })) {
  defineKernel<Operand>(kernel, ({ x }) => apply(op, numeric(x)))
}

/** Roundings leave integers alone. */
for (const op of ['Floor', 'Ceil', 'Round']) {
  defineKernel<Operand>(op, ({ x }) => (x.dtype === 'float32' ? apply(op, x) : apply('Identity', numeric(x))))
}

const isNaN = (v: Value) => emit('IsNaN', [v], v.shape, 'bool')

/** ONNX Runtime's Sign turns NaN into 0. */
defineKernel<Operand>('Sign', ({ x }) => {
  const v = numeric(x)
  if (v.dtype !== 'float32') return apply('Sign', v)
  return where(isNaN(v), scalar(0), apply('Sign', v), v.shape, v.dtype)
})

defineKernel<Operand>('Expm1', ({ x }) => {
  if (x.dtype !== 'float32') return null
  // tanh(x/2)·(eˣ + 1) = eˣ − 1 without the cancellation near 0.
  const half = apply('Tanh', emit('Mul', [x, scalar(0.5)], x.shape, 'float32'))
  const sum = emit('Add', [apply('Exp', x), scalar(1)], x.shape, 'float32')
  const small = emit('Less', [apply('Abs', x), scalar(1)], x.shape, 'bool')
  const direct = emit('Sub', [apply('Exp', x), scalar(1)], x.shape, 'float32')
  return where(small, emit('Mul', [half, sum], x.shape, 'float32'), direct, x.shape, 'float32')
})

/** With u = 1 + x rounded: log(u)·x/(u − 1), which makes up for the rounding (Kahan; Goldberg 1991, theorem 4). */
defineKernel<Operand>('Log1p', ({ x }) => {
  const v = cast(x, 'float32')
  const binary = (op: string, a: Value, b: Value) => emit(op, [a, b], v.shape, 'float32')
  const u = binary('Add', v, scalar(1))
  const shifted = binary('Sub', u, scalar(1))
  const corrected = binary('Mul', apply('Log', u), binary('Div', v, shifted))
  const unchanged = emit('Equal', [u, scalar(1)], v.shape, 'bool')
  const infinite = emit('Equal', [v, scalar(Infinity)], v.shape, 'bool')
  return where(emit('Or', [unchanged, infinite], v.shape, 'bool'), v, corrected, v.shape, 'float32')
})

defineKernel<Operand>('Rsqrt', ({ x }) => apply('Reciprocal', apply('Sqrt', cast(x, 'float32'))))

defineKernel<Operand>('Square', ({ x }) => {
  const v = numeric(x)
  return emit('Mul', [v, v], v.shape, v.dtype)
})

defineKernel<Operand>('Relu6', ({ x }) => {
  const v = numeric(x)
  return emit('Clip', [v, scalar(0, v.dtype), scalar(6, v.dtype)], v.shape, v.dtype)
})

defineKernel<Operand, { alpha: number }>('LeakyRelu', ({ x }, { alpha }) =>
  apply('LeakyRelu', cast(x, 'float32'), { alpha: { float: alpha } }),
)

defineKernel<{ x: Value; alpha: Value }>('Prelu', ({ x, alpha }) => {
  const v = cast(x, 'float32')
  const negative = emit('Less', [v, scalar(0)], v.shape, 'bool')
  const scaled = emit('Mul', [v, cast(alpha, 'float32')], v.shape, 'float32')
  return where(negative, scaled, v, v.shape, 'float32')
})

defineKernel<Operand, { clipValueMin: number; clipValueMax: number }>(
  'ClipByValue',
  ({ x }, { clipValueMin, clipValueMax }) => {
    const v = numeric(x)
    return emit('Clip', [v, softScalar(clipValueMin, v.dtype), softScalar(clipValueMax, v.dtype)], v.shape, v.dtype)
  },
)

/** 1 above zero, `alpha` elsewhere; NaN stays. */
defineKernel<Operand, { alpha: number }>('Step', ({ x }, { alpha }) => {
  const v = numeric(x)
  const positive = emit('Greater', [v, scalar(0, v.dtype)], v.shape, 'bool')
  const step =
    alpha === 0
      ? rawCast(positive, v.dtype)
      : where(positive, scalar(1, v.dtype), scalar(alpha, v.dtype), v.shape, v.dtype)
  return v.dtype === 'float32' ? where(isNaN(v), v, step, v.shape, v.dtype) : step
})

defineKernel<Operand>('LogicalNot', ({ x }) => not(cast(x, 'bool')))
defineKernel<Operand>('IsNan', ({ x }) => isNaN(cast(x, 'float32')))
defineKernel<Operand>('IsInf', ({ x }) => {
  const v = cast(x, 'float32')
  return emit('IsInf', [v], v.shape, 'bool')
})
defineKernel<Operand>('IsFinite', ({ x }) => {
  const v = cast(x, 'float32')
  return emit('Less', [apply('Abs', v), scalar(Infinity)], v.shape, 'bool')
})

defineKernel<{ dy: Value; y: Value }>('EluGrad', ({ dy, y }) => {
  const positive = emit('GreaterOrEqual', [y, scalar(0)], y.shape, 'bool')
  const scaled = emit('Mul', [dy, emit('Add', [y, scalar(1)], y.shape, 'float32')], y.shape, 'float32')
  return where(positive, dy, scaled, y.shape, 'float32')
})

/** The largest float32. */
const most = 2 ** 128 - 2 ** 104

/**
 * dy·step(x), as tfjs has it. HardSigmoid computes the step in one pass, 1 from 3·10⁻³⁹ on, where comparing and selecting takes ONNX Runtime several times as long.
 */
defineKernel<{ dy: Value; x: Value }>('PilotReluGrad', ({ dy, x }) => {
  const step = emit('HardSigmoid', [cast(x, 'float32')], x.shape, 'float32', {
    alpha: { float: most },
    beta: { float: 0 },
  })
  return emit('Mul', [dy, step], dy.shape, 'float32')
})
