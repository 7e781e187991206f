import type { DataType, TensorInfo } from '@tensorflow/tfjs-core'
import { emit, rawCast, scalar } from '../graph/trace'
import type { GraphType, Value } from '../graph/value'
import { defineSharingKernel } from './define'
import { runOnCpu } from './fallback'

/**
 * Conversion as JavaScript does it: to int32 truncates and wraps around, NaN and infinities give 0; to bool asks for
 * "not zero".
 */
export function cast(value: Value, dtype: GraphType): Value {
  if (value.dtype === dtype) return value
  if (dtype === 'bool') return not(emit('Equal', [value, scalar(0, value.dtype)], value.shape, 'bool'))
  if (dtype === 'int32' && (value.dtype === 'float32' || value.dtype === 'float64')) return toInt32(value)
  return rawCast(value, dtype)
}

function toInt32(value: Value): Value {
  const { shape, dtype } = value
  const magnitude = emit('Abs', [value], shape, dtype)
  const inRange = emit('Less', [magnitude, scalar(2 ** 62, dtype)], shape, 'bool')
  const safe = emit('Where', [inRange, value, scalar(0, dtype)], shape, dtype)
  const wide = rawCast(safe, 'int64')
  // Two conversions in a row would be merged into one that saturates; so the wrapping is spelled out.
  const int64 = (op: string, v: Value, n: number) => emit(op, [v, scalar(n, 'int64')], shape, 'int64')
  return rawCast(int64('Sub', int64('Mod', int64('Add', wide, 2 ** 31), 2 ** 32), 2 ** 31), 'int32')
}

export const not = (value: Value): Value => emit('Not', [value], value.shape, 'bool')

/** Booleans become int32, as in tfjs' arithmetic. */
export const numeric = (value: Value): Value => (value.dtype === 'bool' ? rawCast(value, 'int32') : value)

const inGraphs = (dtype: DataType) => dtype !== 'string' && dtype !== 'complex64'

defineSharingKernel<{ dtype: DataType }>('Cast', (inputs, attributes, backend) => {
  const x = inputs.x!
  const { dtype } = attributes
  if (x.dtype === dtype) return backend.share(x, x.shape)
  if (x.shape.includes(0) || !inGraphs(x.dtype) || !inGraphs(dtype)) {
    return runOnCpu('Cast', inputs, { dtype }, backend, !x.shape.includes(0)) as TensorInfo
  }
  return backend.tensor(cast(backend.value(x), dtype as GraphType))
})
