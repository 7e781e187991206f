import { selectEngine } from '@pilotjs/core/node'
import { IMAGE_BYTES } from '@pilotjs/icons-100'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { conceptLoss, meanFeatures } from './concept-loss'

const lossOf = (rows: number[][], proxies: number[][], labels: number[], temperature: number) =>
  tf.tidy(
    () =>
      conceptLoss(tf.tensor2d(rows), tf.tensor2d(proxies), tf.tensor1d(labels, 'int32'), temperature).dataSync()[0]!,
  )

beforeAll(async () => {
  await selectEngine('cpu')
})

describe('conceptLoss', () => {
  it('is the mean of minus the log of the softmax of cosines at the own concept, whatever the lengths', () => {
    const rows = [
      [3, 0],
      [0, 0.5],
    ]
    const proxies = [
      [2, 0],
      [0, 1],
      [-4, 0],
    ]
    // cosines 1, 0, −1 and 0, 1, 0
    const byHand = [
      -Math.log(Math.exp(2) / (Math.exp(2) + 1 + Math.exp(-2))),
      -Math.log(Math.exp(2) / (Math.exp(2) + 2)),
    ]
    expect(lossOf(rows, proxies, [0, 1], 0.5)).toBeCloseTo((byHand[0]! + byHand[1]!) / 2, 5)
  })
})

describe('meanFeatures', () => {
  it("are the mean directions of each concept's drawings", async () => {
    const length = 3
    const split = {
      length,
      images: Uint8Array.from({ length: length * IMAGE_BYTES }, (_, i) => [255, 0, 255][Math.floor(i / IMAGE_BYTES)]!),
      labels: Int32Array.of(2, 0, 0),
      domains: new Uint8Array(length),
      sets: new Uint16Array(length),
    }
    // white → (1, 1), black → (−1, 1)
    const apply = (images: tf.Tensor4D) =>
      tf.stack([tf.mean(images, [1, 2, 3]), tf.ones([images.shape[0]])], 1) as Tensor2D
    const before = tf.memory().numTensors
    const means = await meanFeatures(split, 3, apply)
    const [first, second, third] = means.arraySync() as number[][]
    means.dispose()
    expect(first![0]).toBeCloseTo(0)
    expect(first![1]).toBeCloseTo(1)
    expect(second).toEqual([0, 0])
    expect(third![0]).toBeCloseTo(Math.SQRT1_2)
    expect(tf.memory().numTensors).toBe(before)
  })
})
