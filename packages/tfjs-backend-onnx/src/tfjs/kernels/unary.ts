import type { Recorder } from '../../graph/recorder'
import type { Attributes, Value } from '../../graph/value'
import { where } from './binary'
import { cast, not, numeric } from './cast'
import { KernelSet } from './kernel-set'

export const kernels = new KernelSet()

interface Operand {
  x: Value
}

const apply = (g: Recorder, op: string, v: Value, attributes?: Attributes): Value =>
  g.emit(op, [v], v.shape, v.dtype, attributes)

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
  kernels.define<Operand>(kernel, ({ x }, _, g) => apply(g, op, cast(g, x, 'float32')))
}

/** Functions that keep integers. */
for (const [kernel, op] of Object.entries({ Neg: 'Neg', Abs: 'Abs', Relu: 'Relu' })) {
  kernels.define<Operand>(kernel, ({ x }, _, g) => apply(g, op, numeric(g, x)))
}

/** Roundings leave integers alone. */
for (const op of ['Floor', 'Ceil', 'Round']) {
  kernels.define<Operand>(op, ({ x }, _, g) =>
    x.dtype === 'float32' ? apply(g, op, x) : apply(g, 'Identity', numeric(g, x)),
  )
}

const isNaN = (g: Recorder, v: Value) => g.emit('IsNaN', [v], v.shape, 'bool')

/** ONNX Runtime's Sign turns NaN into 0. */
kernels.define<Operand>('Sign', ({ x }, _, g) => {
  const v = numeric(g, x)
  if (v.dtype !== 'float32') return apply(g, 'Sign', v)
  return where(g, isNaN(g, v), g.scalar(0), apply(g, 'Sign', v), v.shape, v.dtype)
})

kernels.define<Operand>('Expm1', ({ x }, _, g) => {
  if (x.dtype !== 'float32') return null
  // tanh(x/2)·(eˣ + 1) = eˣ − 1 without the cancellation near 0.
  const half = apply(g, 'Tanh', g.emit('Mul', [x, g.scalar(0.5)], x.shape, 'float32'))
  const sum = g.emit('Add', [apply(g, 'Exp', x), g.scalar(1)], x.shape, 'float32')
  const small = g.emit('Less', [apply(g, 'Abs', x), g.scalar(1)], x.shape, 'bool')
  const direct = g.emit('Sub', [apply(g, 'Exp', x), g.scalar(1)], x.shape, 'float32')
  return where(g, small, g.emit('Mul', [half, sum], x.shape, 'float32'), direct, x.shape, 'float32')
})

/** With u = 1 + x rounded: log(u)·x/(u − 1), which makes up for the rounding (Kahan; Goldberg 1991, theorem 4). */
kernels.define<Operand>('Log1p', ({ x }, _, g) => {
  const v = cast(g, x, 'float32')
  const binary = (op: string, a: Value, b: Value) => g.emit(op, [a, b], v.shape, 'float32')
  const u = binary('Add', v, g.scalar(1))
  const shifted = binary('Sub', u, g.scalar(1))
  const corrected = binary('Mul', apply(g, 'Log', u), binary('Div', v, shifted))
  const unchanged = g.emit('Equal', [u, g.scalar(1)], v.shape, 'bool')
  const infinite = g.emit('Equal', [v, g.scalar(Infinity)], v.shape, 'bool')
  return where(g, g.emit('Or', [unchanged, infinite], v.shape, 'bool'), v, corrected, v.shape, 'float32')
})

kernels.define<Operand>('Rsqrt', ({ x }, _, g) => apply(g, 'Reciprocal', apply(g, 'Sqrt', cast(g, x, 'float32'))))

kernels.define<Operand>('Square', ({ x }, _, g) => {
  const v = numeric(g, x)
  return g.emit('Mul', [v, v], v.shape, v.dtype)
})

kernels.define<Operand>('Relu6', ({ x }, _, g) => {
  const v = numeric(g, x)
  return g.emit('Clip', [v, g.scalar(0, v.dtype), g.scalar(6, v.dtype)], v.shape, v.dtype)
})

kernels.define<Operand, { alpha: number }>('LeakyRelu', ({ x }, { alpha }, g) =>
  apply(g, 'LeakyRelu', cast(g, x, 'float32'), { alpha: { float: alpha } }),
)

kernels.define<{ x: Value; alpha: Value }>('Prelu', ({ x, alpha }, _, g) => {
  const v = cast(g, x, 'float32')
  const negative = g.emit('Less', [v, g.scalar(0)], v.shape, 'bool')
  const scaled = g.emit('Mul', [v, cast(g, alpha, 'float32')], v.shape, 'float32')
  return where(g, negative, scaled, v, v.shape, 'float32')
})

kernels.define<Operand, { clipValueMin: number; clipValueMax: number }>(
  'ClipByValue',
  ({ x }, { clipValueMin, clipValueMax }, g) => {
    const v = numeric(g, x)
    return g.emit(
      'Clip',
      [v, g.softScalar(clipValueMin, v.dtype), g.softScalar(clipValueMax, v.dtype)],
      v.shape,
      v.dtype,
    )
  },
)

/** 1 above zero, `alpha` elsewhere; NaN stays. */
kernels.define<Operand, { alpha: number }>('Step', ({ x }, { alpha }, g) => {
  const v = numeric(g, x)
  const positive = g.emit('Greater', [v, g.scalar(0, v.dtype)], v.shape, 'bool')
  const step =
    alpha === 0
      ? g.convert(positive, v.dtype)
      : where(g, positive, g.scalar(1, v.dtype), g.scalar(alpha, v.dtype), v.shape, v.dtype)
  return v.dtype === 'float32' ? where(g, isNaN(g, v), v, step, v.shape, v.dtype) : step
})

kernels.define<Operand>('LogicalNot', ({ x }, _, g) => not(g, cast(g, x, 'bool')))
kernels.define<Operand>('IsNan', ({ x }, _, g) => isNaN(g, cast(g, x, 'float32')))
kernels.define<Operand>('IsInf', ({ x }, _, g) => {
  const v = cast(g, x, 'float32')
  return g.emit('IsInf', [v], v.shape, 'bool')
})
kernels.define<Operand>('IsFinite', ({ x }, _, g) => {
  const v = cast(g, x, 'float32')
  return g.emit('Less', [apply(g, 'Abs', v), g.scalar(Infinity)], v.shape, 'bool')
})

kernels.define<{ dy: Value; y: Value }>('EluGrad', ({ dy, y }, _, g) => {
  const positive = g.emit('GreaterOrEqual', [y, g.scalar(0)], y.shape, 'bool')
  const scaled = g.emit('Mul', [dy, g.emit('Add', [y, g.scalar(1)], y.shape, 'float32')], y.shape, 'float32')
  return where(g, positive, dy, scaled, y.shape, 'float32')
})

/** The largest float32. */
const most = 2 ** 128 - 2 ** 104

/**
 * dy·step(x), as tfjs has it. HardSigmoid computes the step in one pass, 1 from 3·10⁻³⁹ on, where comparing and selecting takes
 * ONNX Runtime several times as long.
 */
kernels.define<{ dy: Value; x: Value }>('FusedReluGrad', ({ dy, x }, _, g) => {
  const step = g.emit('HardSigmoid', [cast(g, x, 'float32')], x.shape, 'float32', {
    alpha: { float: most },
    beta: { float: 0 },
  })
  return g.emit('Mul', [dy, step], dy.shape, 'float32')
})
