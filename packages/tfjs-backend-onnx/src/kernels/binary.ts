import { backend_util } from '@tensorflow/tfjs-core'
import { emit, rawCast, scalar } from '../graph/trace'
import { type GraphType, type Value, sameShape } from '../graph/value'
import { cast, not, numeric } from './cast'
import { defineKernel } from './define'

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
function promote({ a, b }: Operands): [Value, Value] {
  const x = numeric(withoutRepeats(a, b))
  const y = numeric(withoutRepeats(b, x))
  return x.dtype === y.dtype ? [x, y] : [cast(x, 'float32'), cast(y, 'float32')]
}

function defineArithmetic(kernel: string, op: string): void {
  defineKernel<Operands>(kernel, ({ a, b }) => {
    const [x, y] = promote({ a, b })
    return emit(op, [x, y], broadcastShape(a, b), x.dtype)
  })
}
defineArithmetic('Add', 'Add')
defineArithmetic('Sub', 'Sub')
defineArithmetic('Maximum', 'Max')
defineArithmetic('Minimum', 'Min')

/** Runs an operation on int32 operands in float64, where JavaScript computes, and wraps the result around. */
function inFloat64(op: string, a: Value, b: Value, after?: (v: Value) => Value): Value {
  const result = emit(op, [rawCast(a, 'float64'), rawCast(b, 'float64')], broadcastShape(a, b), 'float64')
  return cast(after ? after(result) : result, 'int32')
}

/** Products beyond 2^53 lose their low bits in tfjs' CPU backend before they wrap around; so they do here. */
function multiply(x: Value, y: Value): Value {
  const source = repeated(x)
  if (source !== x && y.size === 1 && y.shape.length <= 1) {
    const { op, inputs } = x.node!
    return emit(op, [multiply(source, y), inputs[1]!], x.shape, x.dtype)
  }
  if (x.dtype === 'int32') return inFloat64('Mul', x, y)
  return emit('Mul', [x, y], broadcastShape(x, y), x.dtype)
}
defineKernel<Operands>('Multiply', (operands) => multiply(...promote(operands)))

defineKernel<Operands>('RealDiv', ({ a, b }) =>
  emit('Div', [cast(a, 'float32'), cast(b, 'float32')], broadcastShape(a, b), 'float32'),
)

const floor = (v: Value) => emit('Floor', [v], v.shape, v.dtype)

defineKernel<Operands>('FloorDiv', (operands) => {
  const [x, y] = promote(operands)
  if (x.dtype === 'int32') return inFloat64('Div', x, y, floor)
  return floor(emit('Div', [x, y], broadcastShape(x, y), x.dtype))
})

/** Remainder with the divisor's sign; integers go through float64, where a division by zero gives NaN and then 0. */
defineKernel<Operands>('Mod', (operands) => {
  const promoted = promote(operands)
  const isInteger = promoted[0].dtype === 'int32'
  const [x, y] = isInteger ? (promoted.map((v) => rawCast(v, 'float64')) as [Value, Value]) : promoted
  const { dtype } = x
  const shape = broadcastShape(x, y)
  const remainder = emit('Mod', [x, y], shape, dtype, { fmod: 1 })
  const negative = (v: Value) => emit('Less', [v, scalar(0, dtype)], v.shape, 'bool')
  const sameSign = emit('Equal', [negative(x), negative(y)], shape, 'bool')
  const shifted = emit('Mod', [emit('Add', [remainder, y], shape, dtype), y], shape, dtype, { fmod: 1 })
  const result = emit('Where', [sameSign, remainder, shifted], shape, dtype)
  return isInteger ? cast(result, 'int32') : result
})

defineKernel<Operands>('SquaredDifference', (operands) => {
  const [x, y] = promote(operands)
  const difference = emit('Sub', [x, y], broadcastShape(x, y), x.dtype)
  return multiply(difference, difference)
})

defineKernel<Operands>('Pow', (operands) => {
  const [x, y] = promote(operands)
  if (x.dtype === 'int32') return inFloat64('Pow', x, y)
  return emit('Pow', [x, y], broadcastShape(x, y), x.dtype)
})

defineKernel<Operands>('Atan2', () => null)

/** a / b, and 0 where b is 0. */
defineKernel<Operands>('DivNoNan', ({ a, b }) => {
  const [x, y] = [cast(a, 'float32'), cast(b, 'float32')]
  const shape = broadcastShape(a, b)
  const zero = emit('Equal', [y, scalar(0)], y.shape, 'bool')
  return emit('Where', [zero, scalar(0), emit('Div', [x, y], shape, 'float32')], shape, 'float32')
})

function defineComparison(kernel: string, op: string, negate = false): void {
  defineKernel<Operands>(kernel, (operands) => {
    const [x, y] = promote(operands)
    const result = emit(op, [x, y], broadcastShape(x, y), 'bool')
    return negate ? not(result) : result
  })
}
defineComparison('Equal', 'Equal')
defineComparison('NotEqual', 'Equal', true)
defineComparison('Greater', 'Greater')
defineComparison('GreaterEqual', 'GreaterOrEqual')
defineComparison('Less', 'Less')
defineComparison('LessEqual', 'LessOrEqual')

function defineLogical(kernel: string, op: string): void {
  defineKernel<Operands>(kernel, ({ a, b }) =>
    emit(op, [cast(a, 'bool'), cast(b, 'bool')], broadcastShape(a, b), 'bool'),
  )
}
defineLogical('LogicalAnd', 'And')
defineLogical('LogicalOr', 'Or')
defineLogical('LogicalXor', 'Xor')

/** Sum of a list of tensors of one shape. */
defineKernel<Record<string, Value>>('AddN', (inputs) => {
  const [first, ...rest] = Object.values(inputs).map(numeric)
  const add = (a: Value, b: Value): Value => emit('Add', [a, b], a.shape, a.dtype)
  return rest.reduce(add, first!)
})

/** Picks elements by a condition. */
export function where(condition: Value, a: Value, b: Value, shape: readonly number[], dtype: GraphType): Value {
  if (dtype !== 'bool') return emit('Where', [condition, a, b], shape, dtype)
  return cast(emit('Where', [condition, numeric(a), numeric(b)], shape, 'int32'), 'bool')
}
