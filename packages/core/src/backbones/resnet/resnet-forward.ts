import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import type { BatchNormWeights } from '../batch-norm'
import { batchNormEval, batchNormTrain } from '../batch-norm'
import type { BlockSpec, ConvolutionSpec, ResnetSpec } from './resnet-config'

/** What the pieces of a forward pass are given. */
export interface ResnetPass {
  readonly spec: ResnetSpec
  weight(name: string): Tensor
  /** Whether batch norm goes by the batch's own statistics. */
  readonly training: boolean
  /** Convolution and norm as one affine map, where both are frozen. */
  folded(spec: ConvolutionSpec): FoldedConvolution | undefined
}

export interface FoldedConvolution {
  /** [kernel, kernel, from, to] */
  readonly kernel: Tensor4D
  /** [to] */
  readonly bias: Tensor
}

/** torch's [to, from, row, column] as TensorFlow.js wants it. */
const turned = (weight: Tensor): Tensor4D => tf.transpose(weight, [2, 3, 1, 0]) as Tensor4D

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
    const kernel = tf.mul<Tensor4D>(turned(weight(`${spec.name}.weight`)), scale)
    return { kernel, bias: tf.sub(norm.bias, tf.mul(norm.runningMean, scale)) }
  })
}

/** torch's padding of (kernel − 1) / 2 on every side. Padding by number is not known to every engine, `same` is lopsided at stride 2. */
function convolve(x: Tensor4D, kernel: Tensor4D, stride: number): Tensor4D {
  const around = (kernel.shape[0] - 1) / 2
  if (around === 0) return tf.conv2d(x, kernel, stride, 'valid')
  if (stride === 1) return tf.conv2d(x, kernel, 1, 'same')
  return tf.conv2d(padded(x, around), kernel, stride, 'valid')
}

const padded = (x: Tensor4D, around: number): Tensor4D =>
  tf.pad4d(x, [
    [0, 0],
    [around, around],
    [around, around],
    [0, 0],
  ])

function convolutionAndNorm(pass: ResnetPass, x: Tensor4D, spec: ConvolutionSpec): Tensor4D {
  const folded = pass.folded(spec)
  if (folded) return tf.add(convolve(x, folded.kernel, spec.stride), folded.bias)
  const y = convolve(x, turned(pass.weight(`${spec.name}.weight`)), spec.stride)
  const norm = pass.training ? batchNormTrain : batchNormEval
  return norm(y, normOf(spec.norm, pass.weight), pass.spec.batchNormEpsilon)
}

/** Every second pixel, and zeros for the channels that the block adds (He et al.'s option A). */
function subsample(x: Tensor4D, channels: number): Tensor4D {
  return tf.pad4d(tf.avgPool(x, 1, 2, 'valid'), [
    [0, 0],
    [0, 0],
    [0, 0],
    [0, channels - x.shape[3]],
  ])
}

function residualBlock(pass: ResnetPass, x: Tensor4D, { convolutions, shortcut }: BlockSpec): Tensor4D {
  let y = x
  convolutions.forEach((spec, index) => {
    y = convolutionAndNorm(pass, y, spec)
    if (index < convolutions.length - 1) y = tf.relu(y)
  })
  if (shortcut === 'identity') return tf.relu(tf.add<Tensor4D>(y, x))
  const beside = shortcut === 'subsample' ? subsample(x, y.shape[3]) : convolutionAndNorm(pass, x, shortcut)
  return tf.relu(tf.add<Tensor4D>(y, beside))
}

/** [batch, height, width, 3] → [batch, width]: the last map, averaged over its pixels. */
export function resnetFeatures(pass: ResnetPass, images: Tensor4D): Tensor2D {
  const { spec } = pass
  let x: Tensor4D = tf.relu(convolutionAndNorm(pass, images, spec.stem))
  // After a ReLU nothing is below zero: zeros around the map are as good as torch's −∞.
  if (spec.maxPool) x = tf.maxPool<Tensor4D>(padded(x, 1), 3, 2, 'valid')
  for (const block of spec.blocks) x = residualBlock(pass, x, block)
  return tf.mean(x, [1, 2]) as Tensor2D
}
