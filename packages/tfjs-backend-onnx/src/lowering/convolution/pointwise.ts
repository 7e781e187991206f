import type { Recorder } from '../../graph/recorder'
import { type Value, sameShape } from '../../graph/value'
import { matmul } from '../products/plain'
import { type ConvGeometry, hasUnitStride, isPointwise, pixelsOf } from './geometry'
import type { Forward, InputGradient } from './strategy'

// A 1 × 1 convolution is a matrix product on pixels.

/** The pixels that a 1×1 convolution meets. */
function everyFewPixels(g: Recorder, x: Value, c: ConvGeometry): Value {
  if (hasUnitStride(c)) return x
  const shape = [c.batchSize, c.outHeight, c.outWidth, c.inChannels]
  const bounds = [g.int64s([0, 0]), g.int64s([c.inHeight, c.inWidth]), g.int64s([1, 2])]
  return g.emit('Slice', [x, ...bounds, g.int64s([c.strideHeight, c.strideWidth])], shape, 'float32')
}

/** Puts pixels back to where `everyFewPixels` took them from, with zeros between them. */
function spreadPixels(g: Recorder, x: Value, c: ConvGeometry): Value {
  if (hasUnitStride(c)) return x
  const { batchSize, outHeight, outWidth, inChannels, strideHeight, strideWidth } = c
  const pixels = g.reshape(x, [batchSize, outHeight, 1, outWidth, 1, inChannels])
  const pads = g.int64s([0, 0, 0, 0, 0, 0, 0, 0, strideHeight - 1, 0, strideWidth - 1, 0])
  const apart = [batchSize, outHeight, strideHeight, outWidth, strideWidth, inChannels]
  const whole = [batchSize, outHeight * strideHeight, outWidth * strideWidth, inChannels]
  const spread = g.reshape(g.emit('Pad', [pixels, pads], apart, 'float32'), whole)
  if (sameShape(whole, c.inShape)) return spread
  const bounds = [g.int64s([0, 0]), g.int64s([c.inHeight, c.inWidth]), g.int64s([1, 2])]
  return g.emit('Slice', [spread, ...bounds], c.inShape, 'float32')
}

export const pointwise: Forward = {
  name: 'pointwise',
  applies: (_, c) => isPointwise(c),
  record(g, { x, filter }, c) {
    const weights = g.reshape(filter, [c.inChannels, c.outChannels])
    return g.reshape(matmul(g, pixelsOf(g, everyFewPixels(g, x, c)), weights), c.outShape)
  },
}

export const pointwiseInputGradient: InputGradient = {
  name: 'pointwise',
  applies: (_, c) => isPointwise(c),
  record(g, { dy, filter }, c) {
    const weights = g.reshape(filter, [c.inChannels, c.outChannels])
    const product = matmul(g, pixelsOf(g, dy), weights, { transposeB: true })
    return spreadPixels(g, g.reshape(product, [c.batchSize, c.outHeight, c.outWidth, c.inChannels]), c)
  },
}
