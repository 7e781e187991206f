import { backend_util } from '@tensorflow/tfjs-core'
import type { Recorder } from '../../graph/recorder'
import { type GraphType, type Value, sameShape } from '../../graph/value'
import { cast, not, numeric } from './cast'
import { KernelSet } from './kernel-set'

export const kernels = new KernelSet()

interface Operands {
  a: Value
  b: Value
}

export const broadcastShape = (a: Value, b: Value): number[] =>
  backend_util.assertAndGetBroadcastShape([...a.shape], [...b.shape])

/** What a value repeats along axes of length 1, as gradients of sums and means do; or the value itself. */
function repeated(v: Value): Value {
  if (v.node === null || (v.node.op !== 'Tile' && v.node.op !== 'Expand')) return v
  const source = v.node.inputs[0]!
  const fits = source.shape.length === v.shape.length && source.shape.every((d, i) => d === 1 || d === v.shape[i])
  return fits ? source : v
}

/** An operand without the repetitions that the other one implies. */
const withoutRepeats = (v: Value, other: Value): Value => {
  const source = repeated(v)
  return source !== v && sameShape(broadcastShape(source, other), broadcastShape(v, other)) ? source : v
}

/** Both operands in one numeric type. */
function promote(g: Recorder, { a, b }: Operands): [Value, Value] {
  const x = numeric(g, withoutRepeats(a, b))
  const y = numeric(g, withoutRepeats(b, x))
  return x.dtype === y.dtype ? [x, y] : [cast(g, x, 'float32'), cast(g, y, 'float32')]
}

function defineArithmetic(kernel: string, op: string): void {
  kernels.define<Operands>(kernel, ({ a, b }, _, g) => {
    const [x, y] = promote(g, { a, b })
    return g.emit(op, [x, y], broadcastShape(a, b), x.dtype)
  })
}
defineArithmetic('Add', 'Add')
defineArithmetic('Sub', 'Sub')
defineArithmetic('Maximum', 'Max')
defineArithmetic('Minimum', 'Min')

/** Runs an operation on int32 operands in float64, where JavaScript computes, and wraps the result around. */
function inFloat64(g: Recorder, op: string, a: Value, b: Value, after?: (v: Value) => Value): Value {
  const result = g.emit(op, [g.convert(a, 'float64'), g.convert(b, 'float64')], broadcastShape(a, b), 'float64')
  return cast(g, after ? after(result) : result, 'int32')
}

/** Products beyond 2^53 lose their low bits in tfjs' CPU backend before they wrap around; so they do here. */
function multiply(g: Recorder, x: Value, y: Value): Value {
  const source = repeated(x)
  if (source !== x && y.size === 1 && y.shape.length <= 1) {
    const { op, inputs } = x.node!
    return g.emit(op, [multiply(g, source, y), inputs[1]!], x.shape, x.dtype)
  }
  if (x.dtype === 'int32') return inFloat64(g, 'Mul', x, y)
  return g.emit('Mul', [x, y], broadcastShape(x, y), x.dtype)
}
kernels.define<Operands>('Multiply', (operands, _, g) => multiply(g, ...promote(g, operands)))

kernels.define<Operands>('RealDiv', ({ a, b }, _, g) =>
  g.emit('Div', [cast(g, a, 'float32'), cast(g, b, 'float32')], broadcastShape(a, b), 'float32'),
)

const floor = (g: Recorder, v: Value) => g.emit('Floor', [v], v.shape, v.dtype)

kernels.define<Operands>('FloorDiv', (operands, _, g) => {
  const [x, y] = promote(g, operands)
  if (x.dtype === 'int32') return inFloat64(g, 'Div', x, y, (v) => floor(g, v))
  return floor(g, g.emit('Div', [x, y], broadcastShape(x, y), x.dtype))
})

/** Remainder with the divisor's sign; integers go through float64, where a division by zero gives NaN and then 0. */
kernels.define<Operands>('Mod', (operands, _, g) => {
  const promoted = promote(g, operands)
  const isInteger = promoted[0].dtype === 'int32'
  const [x, y] = isInteger ? (promoted.map((v) => g.convert(v, 'float64')) as [Value, Value]) : promoted
  const { dtype } = x
  const shape = broadcastShape(x, y)
  const remainder = g.emit('Mod', [x, y], shape, dtype, { fmod: 1 })
  const negative = (v: Value) => g.emit('Less', [v, g.scalar(0, dtype)], v.shape, 'bool')
  const sameSign = g.emit('Equal', [negative(x), negative(y)], shape, 'bool')
  const shifted = g.emit('Mod', [g.emit('Add', [remainder, y], shape, dtype), y], shape, dtype, { fmod: 1 })
  const result = g.emit('Where', [sameSign, remainder, shifted], shape, dtype)
  return isInteger ? cast(g, result, 'int32') : result
})

kernels.define<Operands>('SquaredDifference', (operands, _, g) => {
  const [x, y] = promote(g, operands)
  const difference = g.emit('Sub', [x, y], broadcastShape(x, y), x.dtype)
  return multiply(g, difference, difference)
})

kernels.define<Operands>('Pow', (operands, _, g) => {
  const [x, y] = promote(g, operands)
  if (x.dtype === 'int32') return inFloat64(g, 'Pow', x, y)
  return g.emit('Pow', [x, y], broadcastShape(x, y), x.dtype)
})

kernels.define<Operands>('Atan2', () => null)

/** a / b, and 0 where b is 0. */
kernels.define<Operands>('DivNoNan', ({ a, b }, _, g) => {
  const [x, y] = [cast(g, a, 'float32'), cast(g, b, 'float32')]
  const shape = broadcastShape(a, b)
  const zero = g.emit('Equal', [y, g.scalar(0)], y.shape, 'bool')
  return g.emit('Where', [zero, g.scalar(0), g.emit('Div', [x, y], shape, 'float32')], shape, 'float32')
})

function defineComparison(kernel: string, op: string, negate = false): void {
  kernels.define<Operands>(kernel, (operands, _, g) => {
    const [x, y] = promote(g, operands)
    const result = g.emit(op, [x, y], broadcastShape(x, y), 'bool')
    return negate ? not(g, result) : result
  })
}
defineComparison('Equal', 'Equal')
defineComparison('NotEqual', 'Equal', true)
defineComparison('Greater', 'Greater')
defineComparison('GreaterEqual', 'GreaterOrEqual')
defineComparison('Less', 'Less')
defineComparison('LessEqual', 'LessOrEqual')

function defineLogical(kernel: string, op: string): void {
  kernels.define<Operands>(kernel, ({ a, b }, _, g) =>
    g.emit(op, [cast(g, a, 'bool'), cast(g, b, 'bool')], broadcastShape(a, b), 'bool'),
  )
}
defineLogical('LogicalAnd', 'And')
defineLogical('LogicalOr', 'Or')
defineLogical('LogicalXor', 'Xor')

/** Sum of a list of tensors of one shape. */
kernels.define<Record<string, Value>>('AddN', (inputs, _, g) => {
  const [first, ...rest] = Object.values(inputs).map((v) => numeric(g, v))
  const add = (a: Value, b: Value): Value => g.emit('Add', [a, b], a.shape, a.dtype)
  return rest.reduce(add, first!)
})

/** Picks elements by a condition. */
export function where(
  g: Recorder,
  condition: Value,
  a: Value,
  b: Value,
  shape: readonly number[],
  dtype: GraphType,
): Value {
  if (dtype !== 'bool') return g.emit('Where', [condition, a, b], shape, dtype)
  return cast(g, g.emit('Where', [condition, numeric(g, a), numeric(g, b)], shape, 'int32'), 'bool')
}
