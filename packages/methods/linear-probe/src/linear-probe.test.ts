import { memoryFeatureCache } from '@pilotjs/core/features'
import { contextOf, keepsTheContract, patternTask, scoresOf, tinyBackbone } from '@pilotjs/testing'
import { describe, expect, it } from 'vitest'
import { linearProbe } from './linear-probe'

const quick = { batchSize: 20, epochs: 10, learningRate: 0.1 }
const tasks = [patternTask(0, [0, 1]), patternTask(1, [2, 3]), patternTask(2, [4, 5])]

describe('linear-probe', () => {
  keepsTheContract(linearProbe, quick)

  it('forgets nothing: after the last task it names the images of all tasks among all classes', async () => {
    const backbone = tinyBackbone()
    const learner = linearProbe(quick).create({ backbone, seed: 3 })
    const features = memoryFeatureCache()
    const context = contextOf(tasks, { seed: 5, features })
    for (const task of tasks) await learner.learn(task, context(task))
    // Every image went through the backbone once.
    expect(features.stats).toEqual({ computed: 60, reused: 20 + 40 })
    for (const { train } of tasks) {
      const { values } = await scoresOf(learner, train)
      const right = Array.from(train.labels).filter((label, image) => {
        const row = values.subarray(image * 6, (image + 1) * 6)
        return row.indexOf(Math.max(...row)) === label
      })
      expect(right.length / train.length).toBeGreaterThan(0.9)
    }
    learner.dispose()
    backbone.dispose()
  })

  it('trains the head alone, from nothing, in every task', async () => {
    const backbone = tinyBackbone()
    const learner = linearProbe({ ...quick, epochs: 1 }).create({ backbone, seed: 3 })
    const trained: number[] = []
    const starts: number[] = []
    const context = contextOf(tasks, {
      seed: 5,
      onProgress(event) {
        if (event.kind !== 'phase') return
        trained.push(event.trainableParameters)
        const weights = learner.state().tensors['head.weight']!.dataSync()
        starts.push(Math.max(...weights))
      },
    })
    for (const task of tasks) await learner.learn(task, context(task))
    expect(trained).toEqual([2, 4, 6].map((classes) => classes * (backbone.width + 1)))
    expect(starts).toEqual([0, 0, 0])
    learner.dispose()
    backbone.dispose()
  })
})
