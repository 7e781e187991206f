import * as tf from '@tensorflow/tfjs'
import { uniform } from './vit'

/** ResNet-18 for 32 px images (3×3 stem, no pooling before the stages), as CIFAR experiments use it. */
export function resnet18(classes = 10) {
  const random = uniform(3)
  const variables: tf.Variable[] = []
  const variable = (shape: number[], value: () => number) => {
    const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, value)
    const v = tf.variable(tf.tensor(data, shape))
    variables.push(v)
    return v
  }
  const conv = (size: number, inputs: number, outputs: number) => {
    const deviation = Math.sqrt(24 / (size * size * inputs))
    return variable([size, size, inputs, outputs], () => random() * deviation) as tf.Variable<tf.Rank.R4>
  }
  const norm = (channels: number) => ({ gamma: variable([channels], () => 1), beta: variable([channels], () => 0) })
  const batchNorm = (x: tf.Tensor4D, { gamma, beta }: ReturnType<typeof norm>) => {
    const { mean, variance } = tf.moments(x, [0, 1, 2])
    return tf.batchNorm(
      x,
      mean as tf.Tensor1D,
      variance as tf.Tensor1D,
      beta as tf.Tensor1D,
      gamma as tf.Tensor1D,
      1e-5,
    )
  }
  const stem = { filter: conv(3, 3, 64), norm: norm(64) }
  const stages = [64, 128, 256, 512].flatMap((channels, stage) =>
    [0, 1].map((index) => {
      const first = index === 0 && stage > 0
      const inputs = first ? channels / 2 : channels
      return {
        stride: first ? 2 : 1,
        filter1: conv(3, inputs, channels),
        norm1: norm(channels),
        filter2: conv(3, channels, channels),
        norm2: norm(channels),
        shortcut: first ? { filter: conv(1, inputs, channels), norm: norm(channels) } : undefined,
      }
    }),
  )
  const head = variable([512, classes], () => random() * 0.1) as tf.Variable<tf.Rank.R2>
  const logits = (images: tf.Tensor4D): tf.Tensor2D => {
    let x = tf.relu(batchNorm(tf.conv2d(images, stem.filter, 1, 'same'), stem.norm))
    for (const { stride, filter1, norm1, filter2, norm2, shortcut } of stages) {
      const inner = tf.relu(batchNorm(tf.conv2d(x, filter1, stride, 'same'), norm1))
      const outer = batchNorm(tf.conv2d(inner, filter2, 1, 'same'), norm2)
      const skip = shortcut ? batchNorm(tf.conv2d(x, shortcut.filter, stride, 'same'), shortcut.norm) : x
      x = tf.relu(tf.add(outer, skip) as tf.Tensor4D)
    }
    return tf.matMul(tf.mean(x, [1, 2]) as tf.Tensor2D, head)
  }
  return { logits, variables }
}
