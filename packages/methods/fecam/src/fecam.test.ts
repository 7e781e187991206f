import { readPilotConfig } from '@pilotjs/core/pilot-config'
import type { Learner } from '@pilotjs/core'
import {
  keepsTheContract,
  learnTasks,
  patternImages,
  patternTask,
  pilotConfig,
  scoresOf,
  tinyBackbone,
} from '@pilotjs/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { fecam } from './fecam'

const quick = { epochs: 1, batchSize: 10, bottleneck: 2 }
const tasks = [patternTask(0, [0, 1]), patternTask(1, [2, 3])]

async function learned(options: Parameters<typeof fecam>[0], use: (learner: Learner) => void | Promise<void>) {
  const backbone = tinyBackbone()
  const learner = fecam({ ...quick, ...options }).create({ backbone, seed: 1 })
  await learnTasks(learner, tasks, { seed: 1 })
  await use(learner)
  learner.dispose()
  backbone.dispose()
}

describe('fecam', () => {
  keepsTheContract(fecam, { ...quick, epochs: 2, batchSize: 5, bottleneck: 4 })

  it('scores by the negative Mahalanobis distance to class means of normalised features', async () => {
    await learned({}, async (learner) => {
      const exam = patternImages([0, 1, 2, 3], 'exam')
      const { values } = await scoresOf(learner, exam)
      for await (const batch of exam.batches({ size: 4, view: 'eval' })) {
        tf.tidy(() => {
          const features = learner.extractor.apply(batch.images).arraySync()
          const { tensors } = learner.state()
          const means = (tensors['head.weight'] as tf.Tensor2D).arraySync()
          const precisions = (tensors['precisions.0'] as tf.Tensor3D).arraySync()
          features.forEach((row, image) => {
            const length = Math.hypot(...row)
            means.forEach((mean, label) => {
              const away = row.map((value, i) => value / length - mean[i]!)
              const distance = away.reduce(
                (sum, a, i) => sum + a * away.reduce((inner, b, j) => inner + precisions[label]![i]![j]! * b, 0),
                0,
              )
              expect(values[image * 4 + label]).toBeCloseTo(-distance, 3)
            })
          })
        })
        batch.dispose()
      }
    })
  })

  it('has a metric per class, which shrinkage brings nearer to the plain distance', async () => {
    const departures: number[] = []
    for (const shrinkDiagonal of [0.1, 1, 1000])
      await learned({ shrinkDiagonal }, (learner) => {
        const all = learner.state().tensors['precisions.0'] as tf.Tensor3D
        expect(all.shape).toEqual([4, 16, 16])
        departures.push(tf.tidy(() => tf.max(tf.abs(tf.sub(all, tf.eye(16)))).dataSync()[0]!))
      })
    expect(departures[0]).toBeGreaterThan(departures[1]!)
    expect(departures[1]).toBeGreaterThan(departures[2]!)
    expect(departures[2]).toBeLessThan(0.01)
  })

  it('learns a class of one image, whose metric is the plain one', async () => {
    const backbone = tinyBackbone()
    const learner = fecam(quick).create({ backbone, seed: 1 })
    const [first, second] = tasks as [(typeof tasks)[0], (typeof tasks)[0]]
    await learnTasks(learner, [first, { ...second, train: second.train.select([0, 1]) }], { seed: 1 })
    const { values } = await scoresOf(learner, second.train.select([0, 1]))
    expect([values.indexOf(Math.max(...values.subarray(0, 4))), values.every(Number.isFinite)]).toEqual([2, true])
    learner.dispose()
    backbone.dispose()
  })

  it('takes features to a power', async () => {
    await learned({ tukeyPower: 0.5 }, async (learner) => {
      const { values } = await scoresOf(learner, patternImages([0, 1, 2, 3], 'exam'))
      expect(values.every(Number.isFinite)).toBe(true)
    })
  })

  it('reads PILOT’s exps/fecam.json', () => {
    const config = pilotConfig({ prefix: ' ', model_name: 'fecam' }, 'firstTask')
    expect(readPilotConfig(config, fecam).options).toEqual(fecam().options)
  })
})
