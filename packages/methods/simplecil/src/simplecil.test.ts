import * as tf from '@tensorflow/tfjs-core'
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import { type Task, arrayImages, createContext, createRng, createVit, initVit, memoryFeatureCache } from '@pilotjs/core'
import { afterAll, describe, expect, it } from 'vitest'
import { fixtures } from '../../../../tools/parity/src/default-golden'
import { readCase } from '../../../../tools/parity/src/golden-case'
import { replayCase } from '../../../../tools/parity/src/replay-case'
import { simplecil } from './simplecil'

const vit = { imageSize: 8, patchSize: 4, width: 8, depth: 1, heads: 2 }
const backbone = createVit(vit, initVit(vit, createRng(1)))
afterAll(() => backbone.dispose())

const images = (labels: number[], name: string) =>
  arrayImages({ labels, name, size: [8, 8], values: createRng(labels[0]!).normals(labels.length * 192, 0, 1) })
const task = (index: number, labels: number[], classesBefore: number): Task => ({
  index,
  classes: [...new Set(labels)],
  classesBefore,
  classesAfter: Math.max(classesBefore, ...labels.map((label) => label + 1)),
  train: images(labels, `task${index}`),
})
const make = () =>
  simplecil.create({
    backbone,
    options: simplecil.options.parse({}),
    rng: createRng(3),
    plan: { totalClasses: 4, baseClasses: 2, increment: 2 },
  })

describe('simplecil', () => {
  it('follows what PILOT recorded, number for number', async () => {
    const report = await replayCase(readCase(fixtures, 'simplecil/a'), [simplecil])
    expect(report.departures).toEqual([])
    expect(report.passed).toBe(true)
  })

  it('keeps the mean feature of every class, and reads scores off features', async () => {
    const before = tf.memory().numTensors
    const learner = make()
    const context = createContext({ seed: 5 })
    const tasks = [task(0, [0, 1, 0, 1, 1], 0), task(1, [3, 2, 3], 2)]
    for (const task of tasks) await learner.learn(task, context(task))
    const prototypes = learner.state().tensors['fc.weight'] as Tensor2D
    expect(prototypes.shape).toEqual([4, 8])

    for await (const batch of tasks[1]!.train.batches({ size: 9, view: 'eval' })) {
      const scores = (await learner.score(batch.images)) as Tensor2D
      tf.tidy(() => {
        const features = backbone.features(batch.images)
        const mean = tf.mean(tf.gather(features, [0, 2]), 0)
        expect(tf.max(tf.abs(tf.sub(tf.slice(prototypes, [3, 0], [1, 8]), mean))).dataSync()[0]).toBeLessThan(1e-6)
        const read = learner.readout!.score(learner.readout!.extractor.apply(batch.images as Tensor4D))
        expect(Array.from(read.dataSync())).toEqual(Array.from(scores.dataSync()))
        // Class 2 has one image, which is its own prototype.
        expect(scores.arraySync()[1]![2]).toBeCloseTo(1, 5)
      })
      scores.dispose()
      batch.dispose()
    }
    learner.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('computes features of an image once, also for a second learner', async () => {
    const features = memoryFeatureCache()
    const first = task(0, [0, 1, 0], 0)
    for (const learner of [make(), make()]) {
      await learner.learn(first, createContext({ seed: 1, features })(first))
      learner.dispose()
    }
    expect(features.stats).toEqual({ computed: 3, reused: 3 })
  })

  it('goes on from a saved state, and averages over the domains of a class', async () => {
    const [whole, resumed] = [make(), make()]
    const [first, second] = [task(0, [0, 1], 0), task(1, [0, 0, 0], 2)]
    await whole.learn(first, createContext({ seed: 5 })(first))
    resumed.restore(whole.state())
    const start = Array.from(whole.state().tensors['fc.weight']!.dataSync())
    for (const learner of [whole, resumed]) await learner.learn(second, createContext({ seed: 5 })(second))
    const [a, b] = [whole, resumed].map((learner) => Array.from(learner.state().tensors['fc.weight']!.dataSync()))
    expect(b).toEqual(a)
    expect(a!.slice(8)).toEqual(start.slice(8))

    const mean = await createContext({ seed: 5 })(first).features.extract(
      first.train.select([0]).concat(second.train),
      whole.readout!.extractor,
    )
    const expected = tf.tidy(() => tf.mean(mean, 0).dataSync())
    a!.slice(0, 8).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5))
    mean.dispose()
    whole.dispose()
    resumed.dispose()
  })
})
