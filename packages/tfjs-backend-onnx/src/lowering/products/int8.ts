import { type Recorder, contrib } from '../../graph/recorder'
import type { QuantizedMatrix } from '../../graph/storage'
import { type Value, filled, sameShape } from '../../graph/value'
import { isOnProcessor } from '../target'
import type { ProductStrategy } from './strategy'

/**
 * Levels on each side of zero: rows take eight bits, matrices seven. Processors without VNNI add two products of eight bits in
 * sixteen, which 2 · 255 · 63 never overflows; so all of them compute the same.
 */
const levels = { row: 127, matrix: 63 } as const
/** Where rows have no sign: zero. */
const middle = 128
/** A row of zeros is divided by this. */
const least = 1e-30

/** The largest absolute number of each row, at least `least`, over a number of levels: [rows, columns] → [rows, 1]. */
function scalesOf(g: Recorder, rows: Value, count: number): Value {
  const shape = [rows.shape[0]!, 1]
  const sizes = g.emit('Abs', [rows], rows.shape, 'float32')
  const largest = g.emit('ReduceMax', [sizes], shape, 'float32', { axes: [-1], keepdims: 1 })
  const positive = g.emit('Max', [largest, g.scalar(least)], shape, 'float32')
  return g.emit('Mul', [positive, g.scalar(1 / count)], shape, 'float32')
}

/**
 * A matrix [outputs, inputs] in seven bits and a sign, with a scale for each output, as products by its transpose want it.
 * @returns the values of the numbers [inputs, outputs] and of the scales [outputs]
 */
export function quantizeMatrix(g: Recorder, matrix: Value): { numbers: Value; scales: Value } {
  const [outputs, inputs] = matrix.shape as [number, number]
  const scales = g.reshape(scalesOf(g, matrix, levels.matrix), [outputs])
  const zeros = g.fixed(`int8 zeros ${outputs}`, [outputs], 'int8', () => filled('int8', outputs, 0))
  const numbers = g.emit('QuantizeLinear', [matrix, scales, zeros], matrix.shape, 'int8', { axis: 0 })
  return {
    numbers: g.emit('Transpose', [numbers], [inputs, outputs], 'int8', { perm: [1, 0] }),
    scales,
  }
}

/** Every row by a scale of its own, so that what comes of it depends on no other row, nor on how a batch is divided. */
function byQuantized(g: Recorder, rows: Value, { numbers, scales }: QuantizedMatrix): Value {
  const [count, inputs] = rows.shape as [number, number]
  const outputs = scales.length
  const scale = scalesOf(g, rows, levels.row)
  const middles = g.emit(
    'Min',
    [g.emit('Max', [scale, g.scalar(middle)], scale.shape, 'float32'), g.scalar(middle)],
    scale.shape,
    'float32',
  )
  const zeros = g.reshape(g.convert(middles, 'uint8'), [count])
  const quantized = g.emit('QuantizeLinear', [rows, g.reshape(scale, [count]), zeros], rows.shape, 'uint8', { axis: 0 })
  const product = g.emit(
    'MatMulIntegerToFloat',
    [
      quantized,
      g.stored(numbers, [inputs, outputs]),
      g.scalar(1),
      g.stored(scales, [outputs]),
      g.scalar(middle, 'uint8'),
    ],
    [count, outputs],
    'float32',
    undefined,
    contrib,
  )
  return g.emit('Mul', [product, scale], product.shape, 'float32')
}

/**
 * Rows by the transpose of a frozen matrix in eight bits: ONNX Runtime adds products of whole numbers, where a processor has
 * VNNI four at a time. Asked for by `Lowering.inInt8`, for matrices that have been quantized.
 */
export const int8Product: ProductStrategy = {
  name: 'int8',
  applies: (target, { a, b, transposeA, transposeB, alpha, inInt8 }) => {
    const shape = b.storage?.quantized?.shape
    return (
      inInt8 &&
      shape !== undefined &&
      isOnProcessor(target) &&
      a.shape.length === 2 &&
      !transposeA &&
      transposeB &&
      alpha === 1 &&
      sameShape(b.shape, shape)
    )
  },
  record(g, { a, b, bias }) {
    const product = byQuantized(g, a, b.storage!.quantized!)
    return bias === undefined ? product : g.emit('Add', [product, bias], product.shape, 'float32')
  },
}
