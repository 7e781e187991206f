import type { DataType, TensorInfo } from '@tensorflow/tfjs-core'
import type { Recorder } from '../../graph/recorder'
import type { GraphType, Value } from '../../graph/value'
import { runOnCpu } from './fallback'
import { KernelSet } from './kernel-set'

export const kernels = new KernelSet()

/**
 * Conversion as JavaScript does it: to int32 truncates and wraps around, NaN and infinities give 0; to bool asks for
 * "not zero".
 */
export function cast(g: Recorder, value: Value, dtype: GraphType): Value {
  if (value.dtype === dtype) return value
  if (dtype === 'bool') return not(g, g.emit('Equal', [value, g.scalar(0, value.dtype)], value.shape, 'bool'))
  if (dtype === 'int32' && (value.dtype === 'float32' || value.dtype === 'float64')) return toInt32(g, value)
  return g.convert(value, dtype)
}

function toInt32(g: Recorder, value: Value): Value {
  const { shape, dtype } = value
  const magnitude = g.emit('Abs', [value], shape, dtype)
  const inRange = g.emit('Less', [magnitude, g.scalar(2 ** 62, dtype)], shape, 'bool')
  const safe = g.emit('Where', [inRange, value, g.scalar(0, dtype)], shape, dtype)
  const wide = g.convert(safe, 'int64')
  // Two conversions in a row would be merged into one that saturates; so the wrapping is spelled out.
  const int64 = (op: string, v: Value, n: number) => g.emit(op, [v, g.scalar(n, 'int64')], shape, 'int64')
  return g.convert(int64('Sub', int64('Mod', int64('Add', wide, 2 ** 31), 2 ** 32), 2 ** 31), 'int32')
}

export const not = (g: Recorder, value: Value): Value => g.emit('Not', [value], value.shape, 'bool')

/** Booleans become int32, as in tfjs' arithmetic. */
export const numeric = (g: Recorder, value: Value): Value =>
  value.dtype === 'bool' ? g.convert(value, 'int32') : value

const inGraphs = (dtype: DataType) => dtype !== 'string' && dtype !== 'complex64'

kernels.defineAlias<{ dtype: DataType }>('Cast', (inputs, attributes, host) => {
  const x = inputs.x!
  const { dtype } = attributes
  if (x.dtype === dtype) return host.alias(x, x.shape)
  if (x.shape.includes(0) || !inGraphs(x.dtype) || !inGraphs(dtype)) {
    return runOnCpu('Cast', inputs, { dtype }, host, !x.shape.includes(0)) as TensorInfo
  }
  return host.tensor(cast(host.recorder, host.value(x), dtype as GraphType))
})
