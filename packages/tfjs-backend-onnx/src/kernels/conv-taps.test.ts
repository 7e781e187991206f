import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import '../index'
import { pendingNodes } from '../graph/trace'

beforeAll(async () => {
  await tf.setBackend('onnx')
})

type Shape = readonly [number, number, number, number]
const ramp = (shape: Shape, step: number): tf.Tensor4D =>
  tf.tidy(() =>
    tf.reshape(
      tf.sin(
        tf.mul(
          tf.range(
            0,
            shape.reduce((a, b) => a * b),
          ),
          step,
        ),
      ),
      [...shape],
    ),
  )

const slices = (t: tf.Tensor4D, size: number) =>
  Array.from({ length: Math.ceil(t.shape[0] / size) }, (_, i) =>
    tf.slice(t, [i * size, 0, 0, 0], [Math.min(size, t.shape[0] - i * size), -1, -1, -1]),
  )

describe('filter gradient', () => {
  it.each([
    ['many channels', [60, 26, 26, 40], [3, 3, 40, 48], 1, 'same'],
    ['three channels', [60, 32, 32, 3], [3, 3, 3, 64], 1, 'same'],
    ['a stride and uneven sides', [60, 31, 28, 64], [3, 2, 64, 20], 2, 'same'],
    ['a prime number of images', [47, 32, 32, 48], [2, 2, 48, 33], 1, 'valid'],
  ] as const)('of a wide batch is summed in parts: %s', async (_, input, filter, stride, pad) => {
    const [x, w] = [ramp(input, 0.37), ramp(filter, 0.11)]
    const gradient = (part: tf.Tensor4D) =>
      tf.grad((w) => tf.mean(tf.square(tf.conv2d(part, w as tf.Tensor4D, stride, pad as 'same'))).mul(part.size))(w)
    const whole = gradient(x)
    const isScanned = () => pendingNodes().some(({ op }) => op === 'Scan')
    expect(isScanned()).toBe(true)
    await whole.data()
    const parts = slices(x, 6).map(gradient)
    expect(isScanned()).toBe(false)
    const scale = tf.max(tf.abs(whole))
    const difference = tf.div(tf.max(tf.abs(tf.sub(whole, tf.addN(parts)))), scale)
    expect((await difference.data())[0]).toBeLessThan(1e-5)
  })
})
