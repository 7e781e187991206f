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
import { slca } from './slca'

const quick = { epochs: 3, batchSize: 10, learningRate: 0.05, backboneScale: 0.1, alignEpochs: 2, samplesPerClass: 16 }
const tasks = [patternTask(0, [0, 1]), patternTask(1, [2, 3])]
const exam = patternImages([0, 1, 2, 3], 'exam')

async function learned(options: Parameters<typeof slca>[0], use: (learner: Learner) => void | Promise<void>) {
  const backbone = tinyBackbone()
  const learner = slca({ ...quick, ...options }).create({ backbone, seed: 1 })
  await learnTasks(learner, tasks, { seed: 1 })
  await use(learner)
  learner.dispose()
  backbone.dispose()
}

const part = (learner: Learner, name: string) =>
  Object.entries(learner.state().tensors)
    .filter(([tensor]) => tensor.startsWith(`${name}.`))
    .map(([tensor, values]) => [tensor.slice(name.length + 1), Array.from(values.dataSync())] as const)

describe('slca', () => {
  keepsTheContract(slca, { ...quick, epochs: 8, batchSize: 5 })

  it('scores with aligned heads and keeps those before alignment to go on from', async () => {
    await learned({}, async (learner) => {
      expect(part(learner, 'aligned')).not.toEqual(part(learner, 'heads'))
      const { values } = await scoresOf(learner, exam)
      for await (const batch of exam.batches({ size: 4, view: 'eval' })) {
        tf.tidy(() => {
          const features = learner.extractor.apply(batch.images)
          learner.readings.aligned!(features)
            .dataSync()
            .forEach((score, i) => expect(score).toBeCloseTo(values[i]!, 5))
          expect(learner.readings.trained!(features).shape).toEqual([4, 4])
        })
        batch.dispose()
      }
    })
    await learned({ alignEpochs: 0 }, (learner) => expect(part(learner, 'aligned')).toEqual(part(learner, 'heads')))
  })

  it('moves the backbone slowly, or not at all', async () => {
    const backbone = tinyBackbone()
    const moved: number[] = []
    for (const backboneScale of [0, 0.01, 0.1])
      await learned({ backboneScale }, (learner) => {
        const squares = part(learner, 'net').map(([name, values]) => {
          const start = backbone.parameters[name]!.dataSync()
          return values.reduce((sum, value, i) => sum + (value - start[i]!) ** 2, 0)
        })
        moved.push(Math.sqrt(squares.reduce((sum, square) => sum + square, 0)))
      })
    backbone.dispose()
    expect(moved[0]).toBe(0)
    expect(moved[1]).toBeGreaterThan(0)
    expect(moved[2]).toBeGreaterThan(moved[1]!)
  })

  it('knows which task brought a class where PILOT takes all tasks to be as large as the newest', async () => {
    const uneven = [patternTask(0, [0, 1]), patternTask(1, [2], 2)]
    const heads: unknown[] = []
    for (const compat of ['paper', 'pilot'] as const)
      for (const stream of [tasks, uneven]) {
        const backbone = tinyBackbone()
        const learner = slca({ ...quick, compat }).create({ backbone, seed: 1 })
        await learnTasks(learner, stream, { seed: 1 })
        heads.push(part(learner, 'aligned'))
        learner.dispose()
        backbone.dispose()
      }
    expect(heads[0]).toEqual(heads[2])
    expect(heads[1]).not.toEqual(heads[3])
  })

  it('reads PILOT’s exps/slca.json', () => {
    const config = pilotConfig({ model_name: 'slca' }, 'slowLearner')
    expect(readPilotConfig(config, slca).options).toEqual(slca().options)
    expect(readPilotConfig({ ...config, bcb_lrscale: 0 }, slca).options).toMatchObject({ backboneScale: 0 })
  })
})
