import { readPilotConfig } from '@pilotjs/core/pilot-config'
import { contextOf, keepsTheContract, patternTask, pilotConfig, tinyBackbone } from '@pilotjs/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { icarl } from './icarl'

const quick = { epochs: 2, baseEpochs: 2, batchSize: 5, learningRate: 0.02, baseLearningRate: 0.02, memorySize: 12 }

/** PILOT's `exps/icarl.json`. */
const config = pilotConfig(
  {
    memory_size: 2000,
    memory_per_class: 20,
    model_name: 'icarl',
    milestones: [80, 120],
    T: 2,
  },
  'staged',
)

describe('icarl', () => {
  keepsTheContract(icarl, { ...quick, epochs: 4, baseEpochs: 4 })

  it('keeps a shrinking share of every class, trains on it, and scores by the nearest mean', async () => {
    const backbone = tinyBackbone()
    const plan = { totalClasses: 6, baseClasses: 2, increment: 2 }
    const learner = icarl(quick).create({ backbone, seed: 1, plan })
    const steps = [0, 0, 0]
    const tasks = [patternTask(0, [0, 1]), patternTask(1, [2, 3]), patternTask(2, [4, 5])]
    const context = contextOf(tasks, {
      seed: 1,
      onProgress: (event, task) => event.kind === 'step' && steps[task.index]!++,
    })
    const shares: number[][] = []
    for (const task of tasks) {
      await learner.learn(task, context(task))
      const memory = learner.state().json.memory as { exemplars: string[][] }
      shares.push(memory.exemplars.map((keys) => keys.length))
    }
    expect(shares).toEqual([
      [6, 6],
      [3, 3, 3, 3],
      [2, 2, 2, 2, 2, 2],
    ])
    // Two epochs of 20, 20 + 12 and 20 + 12 images in batches of 5.
    expect(steps).toEqual([8, 14, 14])

    const { extractor, readings } = learner
    expect(Object.keys(readings)).toEqual(['head', 'nearestMean'])
    for await (const batch of tasks[2]!.train.batches({ size: 20, view: 'eval' })) {
      tf.tidy(() => {
        const scores = readings.nearestMean!(extractor.apply(batch.images))
        expect(scores.shape).toEqual([20, 6])
        expect(Math.max(...scores.dataSync())).toBeLessThanOrEqual(1e-5)
      })
      batch.dispose()
    }
    learner.dispose()
    backbone.dispose()
  })

  it('reads PILOT’s exps/icarl.json', () => {
    expect(readPilotConfig(config, icarl).options).toEqual(icarl().options)
    const fixed = readPilotConfig({ ...config, fixed_memory: true, memory_per_class: 7, T: 4 }, icarl).options
    expect(fixed).toMatchObject({ fixedMemory: true, memoryPerClass: 7, temperature: 4 })
  })
})
