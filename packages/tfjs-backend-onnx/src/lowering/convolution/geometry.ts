import type { Recorder } from '../../graph/recorder'
import type { Attributes, Value } from '../../graph/value'
import { transpose } from '../transpositions'

/**
 * Sizes of a convolution of images [batch, height, width, channels] by a filter [height, width, in, out]. Paddings are rows and
 * columns of zeros around the images.
 */
export interface ConvGeometry {
  batchSize: number
  inHeight: number
  inWidth: number
  inChannels: number
  outHeight: number
  outWidth: number
  outChannels: number
  filterHeight: number
  filterWidth: number
  strideHeight: number
  strideWidth: number
  dilationHeight: number
  dilationWidth: number
  padInfo: { top: number; bottom: number; left: number; right: number }
  inShape: readonly number[]
  outShape: readonly number[]
  filterShape: readonly number[]
}

/** All that the form of a convolution, or of one of its gradients, depends on. */
export interface ConvShapes extends ConvGeometry {
  /** Whether the filter is a constant of the program, as a frozen network's are. */
  isFilterConstant: boolean
  /** How many numbers are added to the result; 0: none. */
  biasSize: number
}

export type Shape4 = [number, number, number, number]

/** The pixels of all images: [batch·height·width, channels]. */
export const pixelsOf = (g: Recorder, x: Value): Value =>
  g.reshape(x, [x.shape[0]! * x.shape[1]! * x.shape[2]!, x.shape[3]!])

/** Images have their channels last, ONNX has them first. */
export const channelsFirst = (g: Recorder, v: Value): Value => transpose(g, v, [0, 3, 1, 2])
export const channelsLast = (g: Recorder, v: Value): Value => transpose(g, v, [0, 2, 3, 1])
export const filterChannelsFirst = (g: Recorder, v: Value): Value => transpose(g, v, [3, 2, 0, 1])

type Window = Pick<ConvGeometry, 'padInfo' | 'filterHeight' | 'filterWidth' | 'strideHeight' | 'strideWidth'>
export const windowAttributes = (c: Window): Attributes => ({
  kernel_shape: [c.filterHeight, c.filterWidth],
  strides: [c.strideHeight, c.strideWidth],
  pads: [c.padInfo.top, c.padInfo.left, c.padInfo.bottom, c.padInfo.right],
})
export const convAttributes = (c: ConvGeometry): Attributes => ({
  ...windowAttributes(c),
  dilations: [c.dilationHeight, c.dilationWidth],
})

export const hasUnitStride = (c: ConvGeometry): boolean => c.strideHeight === 1 && c.strideWidth === 1

/** Whether a convolution is a matrix product on the pixels, or on every so many of them. */
export const isPointwise = (c: ConvGeometry): boolean =>
  c.filterHeight === 1 &&
  c.filterWidth === 1 &&
  c.padInfo.top + c.padInfo.left + c.padInfo.bottom + c.padInfo.right === 0

/**
 * Whether a convolution is cheaper as one product per filter tap than as ONNX' Conv. The former copies the pixels for
 * every tap, the latter needs the weights in another order, which takes ONNX Runtime about 14 times as long per number.
 */
export const isTapwise = (c: ConvGeometry): boolean =>
  c.batchSize * c.outHeight * c.outWidth * (c.inChannels + c.outChannels) < 14 * c.inChannels * c.outChannels

/**
 * The padding with which a convolution with stride 1 by the reversed filter gives the gradient by the input.
 * Undefined where the stride is another or the padding would be negative.
 */
export function reversedPadding(c: ConvGeometry) {
  if (c.strideHeight !== 1 || c.strideWidth !== 1) return undefined
  const height = (c.filterHeight - 1) * c.dilationHeight
  const width = (c.filterWidth - 1) * c.dilationWidth
  const top = height - c.padInfo.top
  const left = width - c.padInfo.left
  const bottom = c.inHeight - c.outHeight - top + height
  const right = c.inWidth - c.outWidth - left + width
  return Math.min(top, left, bottom, right) < 0 ? undefined : { top, left, bottom, right }
}
