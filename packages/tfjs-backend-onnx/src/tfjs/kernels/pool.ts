import { backend_util } from '@tensorflow/tfjs-core'
import { type Value, sizeOf } from '../../graph/value'
import { channelsFirst, channelsLast, windowAttributes } from '../../lowering/convolution/geometry'
import { KernelSet } from './kernel-set'

export const kernels = new KernelSet()

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
  kernels.define<{ x: Value }, PoolAttributes>(kernel, ({ x }, attributes, g) => {
    if (x.dtype !== 'float32') return null
    const c = poolInfo(x.shape, attributes)
    if (!hasWholePadding(c)) return null
    const shape = [c.batchSize, c.outChannels, c.outHeight, c.outWidth]
    return channelsLast(g, g.emit(op, [channelsFirst(g, x)], shape, 'float32', windowAttributes(c)))
  })
}

/** The gradient goes to each window's maximum; windows that overlap add up. */
kernels.define<{ dy: Value; input: Value }, PoolAttributes>('MaxPoolGrad', ({ dy, input }, attributes, g) => {
  if (input.dtype !== 'float32') return null
  const c = poolInfo(input.shape, attributes)
  if (!hasWholePadding(c)) return null
  const pooled = [c.batchSize, c.outChannels, c.outHeight, c.outWidth]
  const full = [c.batchSize, c.inChannels, c.inHeight, c.inWidth]
  const outputs = [
    { shape: pooled, dtype: 'float32' as const },
    { shape: pooled, dtype: 'int64' as const },
  ]
  const [, indices] = g.emitAll('MaxPool', [channelsFirst(g, input)], outputs, windowAttributes(c))
  const flat = (v: Value) => g.reshape(v, [sizeOf(pooled)])
  const zeros = g.constantOfShape([sizeOf(full)], 0, 'float32')
  const inputs = [zeros, flat(indices!), flat(channelsFirst(g, dy))]
  const sums = g.emit('ScatterElements', inputs, [sizeOf(full)], 'float32', { axis: 0, reduction: 'add' })
  return channelsLast(g, g.reshape(sums, full))
})

/**
 * Every result of the average gave the pixels of its window equal parts of its gradient. Windows beside each other repeat it;
 * others overlap and add up, as a convolution by ones does backwards, channel by channel.
 */
kernels.define<{ dy: Value; input: Value }, PoolAttributes>('AvgPoolGrad', ({ dy, input }, attributes, g) => {
  if (dy.dtype !== 'float32') return null
  const c = poolInfo(input.shape, attributes)
  if (!hasWholePadding(c)) return null
  const { batchSize, inChannels, inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth } = c
  // tfjs divides by the whole window, also where a part of it is padding.
  const parts = g.emit('Mul', [dy, g.scalar(1 / (filterHeight * filterWidth))], dy.shape, 'float32')
  const isApart = c.strideHeight === filterHeight && c.strideWidth === filterWidth
  if (isApart && outHeight * filterHeight === inHeight && outWidth * filterWidth === inWidth) {
    const apart = g.reshape(parts, [batchSize, outHeight, 1, outWidth, 1, inChannels])
    const repeated = [batchSize, outHeight, filterHeight, outWidth, filterWidth, inChannels]
    return g.reshape(g.emit('Expand', [apart, g.int64s(repeated)], repeated, 'float32'), input.shape)
  }
  const { top, bottom, left, right } = c.padInfo
  const unreached = [
    inHeight + top + bottom - (outHeight - 1) * c.strideHeight - filterHeight,
    inWidth + left + right - (outWidth - 1) * c.strideWidth - filterWidth,
  ]
  if (Math.min(...unreached) < 0) return null
  const ones = g.constantOfShape([inChannels, 1, filterHeight, filterWidth], 1, 'float32')
  const conv = { ...windowAttributes(c), group: inChannels, output_padding: unreached }
  const shape = [batchSize, inChannels, inHeight, inWidth]
  return channelsLast(g, g.emit('ConvTranspose', [channelsFirst(g, parts), ones], shape, 'float32', conv))
})
