import { createContext } from '@pilotjs/core'
import { createResnet, createVit, initResnet, initVit } from '@pilotjs/core/backbones'
import { cosineHead } from '@pilotjs/core/heads'
import { arrayImages } from '@pilotjs/core/images'
import { createRng } from '@pilotjs/core/random'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { adaptToFirstTask, firstTaskNetwork, firstTaskOptions } from './first-task'

const config = { layout: 'imagenet', blocks: [1], channels: 4, imageSize: 16 } as const
const resnet = createResnet(config, initResnet(config, createRng(1)))
afterAll(() => resnet.dispose())

const values = createRng(2).normals(6 * 16 * 16 * 3, 0.5, 2)
const train = arrayImages({ values, labels: [0, 1, 0, 1, 0, 1], size: [16, 16], name: 'task' })
const task = { index: 0, classes: [0, 1], classesBefore: 0, classesAfter: 2, train }

/** The statistics after adapting, by name. */
async function adapted(changes: { epochs: number; batchSize: number }): Promise<Record<string, number[]>> {
  const options = z.object(firstTaskOptions).parse({ tuning: 'batchnorm', ...changes })
  const before = tf.memory().numTensors
  const net = firstTaskNetwork(resnet, options, createRng(3))
  const head = cosineHead({ width: net.width, rng: createRng(4) })
  await adaptToFirstTask({ net, head, task, options, context: createContext({ seed: 1 })(task) })
  expect(net.trainable!()).toEqual({})
  const found = Object.entries(net.variables()).map(
    async ([name, own]) => [name, Array.from(await own.data())] as const,
  )
  const statistics = Object.fromEntries(await Promise.all(found))
  net.dispose()
  head.dispose()
  expect(tf.memory().numTensors).toBe(before)
  return statistics
}

describe('batchnorm', () => {
  it('takes means and variances of what norms see, however few batches there are', async () => {
    const own = await adapted({ epochs: 1, batchSize: 6 })
    const [mean, variance] = tf.tidy(() => {
      const kernel: tf.Tensor4D = tf.transpose(resnet.parameters['conv1.weight'] as tf.Tensor4D, [2, 3, 1, 0])
      const seen = tf.conv2d(tf.tensor4d(values, [6, 16, 16, 3]), kernel, 2, 3)
      const rows = tf.reshape(seen, [-1, 4])
      const { mean, variance } = tf.moments(rows, 0)
      return [mean, tf.mul(variance, rows.shape[0]! / (rows.shape[0]! - 1))].map((each) => Array.from(each.dataSync()))
    }) as unknown as [number[], number[]]
    own['bn1.running_mean']!.forEach((value, i) => expect(value).toBeCloseTo(mean[i]!, 4))
    own['bn1.running_var']!.forEach((value, i) => expect(value / variance[i]!).toBeCloseTo(1, 4))
    // The same batch again tells nothing new.
    const again = await adapted({ epochs: 3, batchSize: 6 })
    for (const [name, statistic] of Object.entries(own))
      statistic.forEach((value, i) => expect(again[name]![i]).toBeCloseTo(value, 3))
  })

  it('leaves the pre-trained statistics where it sees nothing', async () => {
    const own = await adapted({ epochs: 0, batchSize: 6 })
    expect(new Set(own['bn1.running_var'])).toEqual(new Set([1]))
  })

  it('refuses a network without batch norms', () => {
    const vit = createVit(...tinyVit())
    const options = z.object(firstTaskOptions).parse({ tuning: 'batchnorm' })
    expect(() => firstTaskNetwork(vit, options, createRng(3))).toThrow(
      /batch norms.*has none: choose a residual network/,
    )
    vit.dispose()
  })
})

function tinyVit(): Parameters<typeof createVit> {
  const config = { imageSize: 8, patchSize: 4, width: 8, depth: 1, heads: 2 }
  return [config, initVit(config, createRng(1))]
}
