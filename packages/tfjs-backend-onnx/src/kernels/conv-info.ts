import { backend_util } from '@tensorflow/tfjs-core'
import { reshape } from '../graph/trace'
import type { Attributes, Value } from '../graph/value'
import { transpose } from './shape'

type Padding = 'valid' | 'same' | number | [[number, number], [number, number], [number, number], [number, number]]

export interface ConvAttributes {
  strides: [number, number] | number
  pad: Padding
  dilations?: [number, number] | number
  dataFormat?: 'NHWC' | 'NCHW'
  dimRoundingMode?: 'floor' | 'round' | 'ceil'
}

export type ConvInfo = ReturnType<typeof backend_util.computeConv2DInfo>

/** Sizes of a convolution of `input` [batch, height, width, channels] by `filter` [height, width, in, out]. */
export function convInfo(
  input: readonly number[],
  filter: readonly number[],
  a: ConvAttributes,
  depthwise = false,
): ConvInfo {
  const c = backend_util.computeConv2DInfo(
    [...input] as [number, number, number, number],
    [...filter] as [number, number, number, number],
    a.strides,
    a.dilations ?? 1,
    a.pad as 'same',
    a.dimRoundingMode,
    depthwise,
    backend_util.convertConv2DDataFormat(a.dataFormat ?? 'NHWC'),
  )
  if (typeof a.pad === 'number') {
    // tfjs counts the columns of the output by the filter's height, also where its width is another: what is at the right follows.
    const reach = (c.outWidth - 1) * c.strideWidth + (c.filterWidth - 1) * c.dilationWidth + 1
    c.padInfo.right = Math.max(0, reach - c.inWidth - c.padInfo.left)
  }
  return c
}

export const isMapped = (x: Value, a: ConvAttributes): boolean => a.dataFormat !== 'NCHW' && x.dtype === 'float32'

/** The pixels of all images: [batch·height·width, channels]. */
export const pixelsOf = (x: Value): Value => reshape(x, [x.shape[0]! * x.shape[1]! * x.shape[2]!, x.shape[3]!])

/** tfjs has channels last, ONNX has them first. */
export const channelsFirst = (v: Value): Value => transpose(v, [0, 3, 1, 2])
export const channelsLast = (v: Value): Value => transpose(v, [0, 2, 3, 1])
export const filterChannelsFirst = (v: Value): Value => transpose(v, [3, 2, 0, 1])

type WindowInfo = Pick<ConvInfo, 'padInfo' | 'filterHeight' | 'filterWidth' | 'strideHeight' | 'strideWidth'>
export const windowAttributes = (c: WindowInfo): Attributes => ({
  kernel_shape: [c.filterHeight, c.filterWidth],
  strides: [c.strideHeight, c.strideWidth],
  pads: [c.padInfo.top, c.padInfo.left, c.padInfo.bottom, c.padInfo.right],
})
export const convAttributes = (c: ConvInfo): Attributes => ({
  ...windowAttributes(c),
  dilations: [c.dilationHeight, c.dilationWidth],
})

/** A 1×1 convolution is a matrix product on the pixels, or on every so many of them. */
export const isPointwise = (c: ConvInfo): boolean =>
  c.filterHeight === 1 &&
  c.filterWidth === 1 &&
  c.padInfo.top + c.padInfo.left + c.padInfo.bottom + c.padInfo.right === 0

/**
 * Whether a convolution is cheaper as one product per filter tap than as ONNX' Conv. The former copies the pixels for
 * every tap, the latter needs the weights in another order, which takes ONNX Runtime about 14 times as long per number.
 */
export const isTapwise = (c: ConvInfo): boolean =>
  c.batchSize * c.outHeight * c.outWidth * (c.inChannels + c.outChannels) < 14 * c.inChannels * c.outChannels
