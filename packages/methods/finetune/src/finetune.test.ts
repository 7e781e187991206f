import { readPilotConfig } from '@pilotjs/core/pilot-config'
import type { Learner } from '@pilotjs/core'
import { keepsTheContract, learnTasks, patternTask, pilotConfig, tinyBackbone } from '@pilotjs/testing'
import { describe, expect, it } from 'vitest'
import { finetune } from './finetune'

const quick = { batchSize: 5, baseEpochs: 4, epochs: 4, baseLearningRate: 0.02, learningRate: 0.02 }
const tasks = [patternTask(0, [0, 1]), patternTask(1, [2, 3])]

/** The head's rows and biases, class by class. */
function headOf(learner: Learner): number[][] {
  const { tensors } = learner.state()
  const [rows, biases] = [tensors['head.weight']!, tensors['head.bias']!].map((tensor) => tensor.dataSync())
  const width = rows!.length / biases!.length
  return Array.from(biases!, (bias, label) => [...rows!.slice(label * width, (label + 1) * width), bias])
}

describe('finetune', () => {
  keepsTheContract(finetune, quick)

  it("has PILOT's defaults", () => {
    expect(finetune().options).toMatchObject({
      batchSize: 128,
      baseEpochs: 20,
      baseWeightDecay: 5e-4,
      epochs: 20,
      learningRate: 1e-3,
      milestones: [40, 70],
      weightDecay: 2e-4,
    })
    expect(() => finetune({ epochs: -1 })).toThrow(/epochs/)
  })

  it('lets only a task’s own classes compete: rows of older ones stay, but for weight decay', async () => {
    const backbone = tinyBackbone()
    const learner = finetune({ ...quick, weightDecay: 0 }).create({ backbone, seed: 3 })
    await learnTasks(learner, tasks.slice(0, 1), { seed: 5 })
    const before = headOf(learner)
    await learnTasks(learner, tasks.slice(1), { seed: 5 })
    const after = headOf(learner)
    expect(after).toHaveLength(4)
    expect(after.slice(0, 2)).toEqual(before)
    learner.dispose()
    backbone.dispose()
  })

  it('trains on classes that come back in another domain', async () => {
    const backbone = tinyBackbone()
    const learner = finetune(quick).create({ backbone, seed: 3 })
    await learnTasks(learner, tasks.slice(0, 1), { seed: 5 })
    const before = headOf(learner)
    await learnTasks(learner, [patternTask(1, [1, 0], 2)], { seed: 5 })
    const after = headOf(learner)
    expect(after).toHaveLength(2)
    after.forEach((row, label) => expect(row).not.toEqual(before[label]))
    learner.dispose()
    backbone.dispose()
  })

  it('reads PILOT’s exps/finetune.json', () => {
    const config = pilotConfig({ model_name: 'finetune', milestones: [40, 70] }, 'staged')
    expect(readPilotConfig(config, finetune).options).toEqual(finetune().options)
  })
})
