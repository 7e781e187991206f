import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import { depthwiseConvolution } from '../ops/depthwise-convolution'
import type { BatchNormWeights } from './batch-norm'
import { batchNormEval, batchNormTrain } from './batch-norm'

/** A convolution without bias, and the batch norm after it. */
export interface ConvolutionSpec {
  /** Name of the convolution, without `.weight`. */
  readonly name: string
  /** Name of the norm, without `.weight`, `.bias`, `.running_mean`, `.running_var`. */
  readonly norm: string
  readonly kernel: number
  readonly stride: number
  readonly from: number
  readonly to: number
  /** Each channel has a kernel of its own. Default false. */
  readonly depthwise?: boolean
  /**
   * Zeros around the image: as many on every side (torch), or as few as are needed and the odd one last (TensorFlow). Default
   * `torch`.
   */
  readonly padding?: 'torch' | 'tensorflow'
}

/** What the pieces of a forward pass are given. */
export interface ConvolutionalPass {
  weight(name: string): Tensor
  /** Whether batch norm goes by the batch's own statistics. */
  readonly training: boolean
  readonly batchNormEpsilon: number
  /** Convolution and norm as one affine map, where both are frozen. */
  folded(spec: ConvolutionSpec): FoldedConvolution | undefined
}

export interface FoldedConvolution {
  /** [kernel, kernel, from, to], or [kernel, kernel, channels, 1] */
  readonly kernel: Tensor4D
  /** [to] */
  readonly bias: Tensor
}

/** torch's [to, from, row, column], or [channels, 1, row, column], as TensorFlow.js wants it. */
const turned = (weight: Tensor, { depthwise = false }: ConvolutionSpec): Tensor4D =>
  tf.transpose(weight, depthwise ? [2, 3, 0, 1] : [2, 3, 1, 0]) as Tensor4D

const normOf = (norm: string, weight: (name: string) => Tensor): BatchNormWeights => ({
  weight: weight(`${norm}.weight`),
  bias: weight(`${norm}.bias`),
  runningMean: weight(`${norm}.running_mean`),
  runningVariance: weight(`${norm}.running_var`),
})

/** A convolution and the batch norm after it, in `eval`, multiplied out. */
export function fold(spec: ConvolutionSpec, weight: (name: string) => Tensor, epsilon: number): FoldedConvolution {
  return tf.tidy(() => {
    const norm = normOf(spec.norm, weight)
    const scale = tf.mul(norm.weight, tf.rsqrt(tf.add(norm.runningVariance, epsilon)))
    const perKernel = spec.depthwise ? tf.reshape(scale, [spec.to, 1]) : scale
    const kernel = tf.mul<Tensor4D>(turned(weight(`${spec.name}.weight`), spec), perKernel)
    return { kernel, bias: tf.sub(norm.bias, tf.mul(norm.runningMean, scale)) }
  })
}

/** Zeros around the image, in rows and columns alike. */
export const padded = (x: Tensor4D, rows: readonly [number, number], columns = rows): Tensor4D =>
  tf.pad4d(x, [[0, 0], [...rows], [...columns], [0, 0]])

/** How many zeros TensorFlow's `same` puts before and after a line. */
function same(length: number, kernel: number, stride: number): [number, number] {
  const total = Math.max((Math.ceil(length / stride) - 1) * stride + kernel - length, 0)
  return [Math.floor(total / 2), Math.ceil(total / 2)]
}

/** Padding by number is not known to every engine: zeros are put around first, where `same` would not do. */
function convolve(
  x: Tensor4D,
  kernel: Tensor4D,
  { stride, depthwise = false, padding = 'torch' }: ConvolutionSpec,
): Tensor4D {
  const size = kernel.shape[0]
  const half: [number, number] = [(size - 1) / 2, (size - 1) / 2]
  const rows = padding === 'torch' ? half : same(x.shape[1], size, stride)
  const columns = padding === 'torch' ? half : same(x.shape[2], size, stride)
  const isNone = [...rows, ...columns].every((zeros) => zeros === 0)
  if (depthwise) return depthwiseConvolution(isNone ? x : padded(x, rows, columns), kernel, stride)
  if (isNone) return tf.conv2d(x, kernel, stride, 'valid')
  if (stride === 1 || padding === 'tensorflow') return tf.conv2d(x, kernel, stride, 'same')
  return tf.conv2d(padded(x, rows, columns), kernel, stride, 'valid')
}

export function convolutionAndNorm(pass: ConvolutionalPass, x: Tensor4D, spec: ConvolutionSpec): Tensor4D {
  const folded = pass.folded(spec)
  if (folded) return tf.add(convolve(x, folded.kernel, spec), folded.bias)
  const y = convolve(x, turned(pass.weight(`${spec.name}.weight`), spec), spec)
  const norm = pass.training ? batchNormTrain : batchNormEval
  return norm(y, normOf(spec.norm, pass.weight), pass.batchNormEpsilon)
}

/** Name and shape of the weights and running statistics of convolutions, in torch's order and layouts. */
export function convolutionShapes(convolutions: readonly ConvolutionSpec[]): Record<string, number[]> {
  const shapes: Record<string, number[]> = {}
  for (const { name, norm, kernel, from, to, depthwise = false } of convolutions) {
    shapes[`${name}.weight`] = [to, depthwise ? 1 : from, kernel, kernel]
    for (const part of ['weight', 'bias', 'running_mean', 'running_var']) shapes[`${norm}.${part}`] = [to]
  }
  return shapes
}
