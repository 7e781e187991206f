import { backend_util } from '@tensorflow/tfjs-core'
import { type Value, sameShape } from '../../graph/value'
import {
  type ConvGeometry,
  type Shape4,
  channelsFirst,
  channelsLast,
  convAttributes,
} from '../../lowering/convolution/geometry'
import { transpose } from '../../lowering/transpositions'
import { activate } from './activation'
import { KernelSet } from './kernel-set'

export const kernels = new KernelSet()

type Padding = 'valid' | 'same' | number | [[number, number], [number, number], [number, number], [number, number]]

interface ConvAttributes {
  strides: [number, number] | number
  pad: Padding
  dilations?: [number, number] | number
  dataFormat?: 'NHWC' | 'NCHW'
  dimRoundingMode?: 'floor' | 'round' | 'ceil'
}

/** Sizes of a convolution of `input` [batch, height, width, channels] by `filter` [height, width, in, out]. */
export function convGeometry(
  input: readonly number[],
  filter: readonly number[],
  a: ConvAttributes,
  depthwise = false,
): ConvGeometry {
  const c = backend_util.computeConv2DInfo(
    [...input] as Shape4,
    [...filter] as Shape4,
    a.strides,
    a.dilations ?? 1,
    a.pad as 'same',
    a.dimRoundingMode,
    depthwise,
    backend_util.convertConv2DDataFormat(a.dataFormat ?? 'NHWC'),
  )
  if (typeof a.pad === 'number') {
    // tfjs counts the columns of the output by the filter's height, also where its width is another: what is at the right
    // follows.
    const reach = (c.outWidth - 1) * c.strideWidth + (c.filterWidth - 1) * c.dilationWidth + 1
    c.padInfo.right = Math.max(0, reach - c.inWidth - c.padInfo.left)
  }
  return c
}

const isMapped = (x: Value, a: ConvAttributes): boolean => a.dataFormat !== 'NCHW' && x.dtype === 'float32'

kernels.define<{ x: Value; filter: Value }, ConvAttributes>('Conv2D', ({ x, filter }, attributes, _, lower) => {
  if (!isMapped(x, attributes)) return null
  return lower.convolution.forward(x, filter, convGeometry(x.shape, filter.shape, attributes))
})

kernels.define<
  { x: Value; filter: Value; bias?: Value; preluActivationWeights?: Value },
  ConvAttributes & { activation: string; leakyreluAlpha?: number }
>('FusedConv2D', (inputs, attributes, g, lower) => {
  const { x, filter, bias } = inputs
  if (!isMapped(x, attributes)) return null
  const c = convGeometry(x.shape, filter.shape, attributes)
  const relu = attributes.activation === 'relu'
  const result = lower.convolution.forward(x, filter, c, { bias, relu })
  return relu ? result : activate(g, result, inputs, attributes)
})

kernels.define<{ x: Value; filter: Value }, ConvAttributes>('DepthwiseConv2dNative', ({ x, filter }, attributes, g) => {
  if (!isMapped(x, attributes)) return null
  const c = convGeometry(x.shape, filter.shape, attributes, true)
  const [height, width, channels, multiplier] = filter.shape as Shape4
  const grouped = g.reshape(transpose(g, filter, [2, 3, 0, 1]), [channels * multiplier, 1, height, width])
  const shape = [c.batchSize, c.outChannels, c.outHeight, c.outWidth]
  const conv = { ...convAttributes(c), group: channels }
  return channelsLast(g, g.emit('Conv', [channelsFirst(g, x), grouped], shape, 'float32', conv))
})

kernels.define<{ dy: Value; filter: Value }, ConvAttributes & { inputShape: Shape4 }>(
  'Conv2DBackpropInput',
  ({ dy, filter }, attributes, _, lower) => {
    if (!isMapped(dy, attributes)) return null
    const c = convGeometry(attributes.inputShape, filter.shape, attributes)
    // tfjs does not insist on a gradient of the shape that the other attributes imply.
    return sameShape(dy.shape, c.outShape) ? lower.convolution.inputGradient(dy, filter, c) : null
  },
)

kernels.define<{ x: Value; dy: Value }, ConvAttributes & { filterShape: Shape4 }>(
  'Conv2DBackpropFilter',
  ({ x, dy }, attributes, _, lower) => {
    if (!isMapped(x, attributes)) return null
    const c = convGeometry(x.shape, attributes.filterShape, attributes)
    return sameShape(dy.shape, c.outShape) ? lower.convolution.filterGradient(x, dy, c) : null
  },
)
