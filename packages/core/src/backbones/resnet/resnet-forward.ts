import * as tf from '@tensorflow/tfjs-core'
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import { type ConvolutionalPass, convolutionAndNorm, padded } from '../convolution'
import type { BlockSpec, ResnetSpec } from './resnet-config'

/** Every second pixel, and zeros for the channels that the block adds (He et al.'s option A). */
function subsample(x: Tensor4D, channels: number): Tensor4D {
  return tf.pad4d(tf.avgPool(x, 1, 2, 'valid'), [
    [0, 0],
    [0, 0],
    [0, 0],
    [0, channels - x.shape[3]],
  ])
}

function residualBlock(pass: ConvolutionalPass, x: Tensor4D, { convolutions, shortcut }: BlockSpec): Tensor4D {
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
export function resnetFeatures(pass: ConvolutionalPass, spec: ResnetSpec, images: Tensor4D): Tensor2D {
  let x: Tensor4D = tf.relu(convolutionAndNorm(pass, images, spec.stem))
  // After a ReLU nothing is below zero: zeros around the map are as good as torch's −∞.
  if (spec.maxPool) x = tf.maxPool<Tensor4D>(padded(x, [1, 1]), 3, 2, 'valid')
  for (const block of spec.blocks) x = residualBlock(pass, x, block)
  return tf.mean(x, [1, 2]) as Tensor2D
}
