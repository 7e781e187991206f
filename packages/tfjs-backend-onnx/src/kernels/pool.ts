import { backend_util } from '@tensorflow/tfjs-core'
import { constantOfShape, emit, emitAll, reshape } from '../graph/trace'
import { type Value, sizeOf } from '../graph/value'
import { channelsFirst, channelsLast, windowAttributes } from './conv-info'
import { defineKernel } from './define'

interface PoolAttributes {
  filterSize: [number, number] | number
  strides: [number, number] | number
  pad: 'valid' | 'same' | number
  dimRoundingMode?: 'floor' | 'round' | 'ceil'
}

function poolInfo(shape: readonly number[], a: PoolAttributes) {
  const size = [...shape] as [number, number, number, number]
  return backend_util.computePool2DInfo(size, a.filterSize, a.strides, 1, a.pad, a.dimRoundingMode)
}

/** tfjs accepts paddings that leave fractions, and pads unevenly then; also windows larger than the padded input. */
function hasWholePadding({ padInfo, filterHeight, filterWidth }: ReturnType<typeof poolInfo>): boolean {
  const { top, bottom, left, right } = padInfo
  const whole = [top, bottom, left, right].every((p) => Number.isInteger(p) && p >= 0)
  return whole && Math.max(top, bottom) < filterHeight && Math.max(left, right) < filterWidth
}

for (const [kernel, op] of [
  ['MaxPool', 'MaxPool'],
  ['AvgPool', 'AveragePool'],
] as const) {
  defineKernel<{ x: Value }, PoolAttributes>(kernel, ({ x }, attributes) => {
    if (x.dtype !== 'float32') return null
    const c = poolInfo(x.shape, attributes)
    if (!hasWholePadding(c)) return null
    const shape = [c.batchSize, c.outChannels, c.outHeight, c.outWidth]
    return channelsLast(emit(op, [channelsFirst(x)], shape, 'float32', windowAttributes(c)))
  })
}

/** The gradient goes to each window's maximum; windows that overlap add up. */
defineKernel<{ dy: Value; input: Value }, PoolAttributes>('MaxPoolGrad', ({ dy, input }, attributes) => {
  if (input.dtype !== 'float32') return null
  const c = poolInfo(input.shape, attributes)
  if (!hasWholePadding(c)) return null
  const pooled = [c.batchSize, c.outChannels, c.outHeight, c.outWidth]
  const full = [c.batchSize, c.inChannels, c.inHeight, c.inWidth]
  const outputs = [
    { shape: pooled, dtype: 'float32' as const },
    { shape: pooled, dtype: 'int64' as const },
  ]
  const [, indices] = emitAll('MaxPool', [channelsFirst(input)], outputs, windowAttributes(c))
  const flat = (v: Value) => reshape(v, [sizeOf(pooled)])
  const zeros = constantOfShape([sizeOf(full)], 0, 'float32')
  const inputs = [zeros, flat(indices!), flat(channelsFirst(dy))]
  const sums = emit('ScatterElements', inputs, [sizeOf(full)], 'float32', { axis: 0, reduction: 'add' })
  return channelsLast(reshape(sums, full))
})
