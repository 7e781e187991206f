import type { Recorder } from '../../graph/recorder'
import type { Value } from '../../graph/value'
import { transpose } from '../transpositions'
import {
  type ConvGeometry,
  type Shape4,
  channelsFirst,
  channelsLast,
  convAttributes,
  filterChannelsFirst,
  reversedPadding,
} from './geometry'
import type { Forward, InputGradient } from './strategy'

// ONNX' own operations, which want channels before pixels.

export const plain: Forward = {
  name: 'plain',
  applies: () => true,
  record(g, { x, filter }, c) {
    const shape = [c.batchSize, c.outChannels, c.outHeight, c.outWidth]
    const operands = [channelsFirst(g, x), filterChannelsFirst(g, filter)]
    return channelsLast(g, g.emit('Conv', operands, shape, 'float32', convAttributes(c)))
  },
}

/** The filter's taps in reverse, as [in, out, height, width]: the filter of the gradient by the input. */
function reversedFilter(g: Recorder, filter: Value): Value {
  const [height, width, inputs, outputs] = filter.shape as Shape4
  const both = (n: number) => g.int64s([n, n])
  const bounds = [both(-1), both(-(2 ** 31)), g.int64s([0, 1]), both(-1)]
  const reversed = g.emit('Slice', [filter, ...bounds], filter.shape, 'float32')
  const turned = transpose(g, g.reshape(reversed, [height * width, inputs * outputs]), [1, 0])
  return g.reshape(turned, [inputs, outputs, height, width])
}

/** With stride 1 the gradient is a convolution by the reversed filter. */
export const plainInputGradient: InputGradient = {
  name: 'plain',
  applies: (_, c) => reversedPadding(c) !== undefined,
  record(g, { dy, filter }, c) {
    const { top, left, bottom, right } = reversedPadding(c)!
    const shape = [c.batchSize, c.inChannels, c.inHeight, c.inWidth]
    const attributes = { ...convAttributes(c), pads: [top, left, bottom, right] }
    const operands = [channelsFirst(g, dy), reversedFilter(g, filter)]
    return channelsLast(g, g.emit('Conv', operands, shape, 'float32', attributes))
  },
}

/** Rows and columns of the input that no window reached. */
function unreached(c: ConvGeometry): [number, number] {
  const { top, bottom, left, right } = c.padInfo
  const spanned = (out: number, stride: number, size: number, dilation: number) =>
    (out - 1) * stride + (size - 1) * dilation + 1
  return [
    c.inHeight + top + bottom - spanned(c.outHeight, c.strideHeight, c.filterHeight, c.dilationHeight),
    c.inWidth + left + right - spanned(c.outWidth, c.strideWidth, c.filterWidth, c.dilationWidth),
  ]
}

/** Any stride; slower than a convolution. */
export const transposedInputGradient: InputGradient = {
  name: 'transposed',
  applies: (_, c) => Math.min(...unreached(c)) >= 0,
  record(g, { dy, filter }, c) {
    const shape = [c.batchSize, c.inChannels, c.inHeight, c.inWidth]
    const attributes = { ...convAttributes(c), output_padding: unreached(c) }
    const operands = [channelsFirst(g, dy), filterChannelsFirst(g, filter)]
    return channelsLast(g, g.emit('ConvTranspose', operands, shape, 'float32', attributes))
  },
}
