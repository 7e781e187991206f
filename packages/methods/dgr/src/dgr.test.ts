import { readPilotConfig } from '@pilotjs/core/pilot-config'
import { contextOf, keepsTheContract, patternTask, pilotConfig, tinyBackbone } from '@pilotjs/testing'
import { describe, expect, it } from 'vitest'
import { dgr } from './dgr'

const quick = { epochs: 4, baseEpochs: 4, batchSize: 5, learningRate: 0.02, baseLearningRate: 0.02, memorySize: 12 }

/** A head's rows after a step on these images of two classes, and before it. */
async function oneStep(labels: readonly number[]) {
  const backbone = tinyBackbone()
  const once = { baseEpochs: 1, batchSize: labels.length, baseWeightDecay: 0, memorySize: 2 }
  const learner = dgr({ ...quick, ...once }).create({ backbone, seed: 1 })
  const whole = patternTask(0, [0, 1])
  const positions = [0, 1].map((label) => Array.from(whole.train.labels.keys()).filter((i) => i % 2 === label))
  const task = { ...whole, train: whole.train.select(labels.map((label) => positions[label]!.shift()!)) }
  let before: number[][] = []
  const context = contextOf([task], {
    seed: 1,
    onProgress(event) {
      if (event.kind === 'phase') before = learner.state().tensors['head.weight']!.arraySync() as number[][]
    },
  })
  await learner.learn(task, context(task))
  const after = learner.state().tensors['head.weight']!.arraySync() as number[][]
  learner.dispose()
  backbone.dispose()
  return after.map((row, label) => Math.hypot(...row.map((value, k) => value - before[label]![k]!)))
}

describe('dgr', () => {
  keepsTheContract(dgr, quick)

  it('moves the rows of a frequent class and of a rare one by the same length', async () => {
    const moved = await oneStep([0, 0, 0, 0, 0, 0, 1])
    expect(moved[0]).toBeGreaterThan(1e-4)
    expect(moved[1]! / moved[0]!).toBeCloseTo(1, 3)
  })

  it('takes part of nothing for nothing: a first step at which there is nothing to distil', async () => {
    const backbone = tinyBackbone()
    const tasks = [patternTask(0, [0, 1]), patternTask(1, [2, 3])]
    const learner = dgr({ ...quick, epochs: 1 }).create({ backbone, seed: 1 })
    const context = contextOf(tasks, { seed: 1 })
    for (const task of tasks) await learner.learn(task, context(task))
    const rows = learner.state().tensors['head.weight']!.arraySync() as number[][]
    expect(rows.flat().every(Number.isFinite)).toBe(true)
    // Noise blown up would have thrown old rows about; new ones have moved more.
    expect(Math.max(...rows.flat().map(Math.abs))).toBeLessThan(2)
    learner.dispose()
    backbone.dispose()
  })

  it('reads PILOT’s exps/dgr.json', () => {
    const config = pilotConfig({
      memory_size: 2000,
      memory_per_class: 20,
      lambda: 1,
      gammar_r: 1,
      model_name: 'dgr',
      backbone_type: 'vit_base_patch16_224',
      init_epoch: 20,
      init_lr: 1e-3,
      init_weight_decay: 5e-4,
      epochs: 20,
      lrate: 1e-3,
      batch_size: 128,
      weight_decay: 5e-4,
      T: 2,
    })
    expect(readPilotConfig(config, dgr).options).toEqual(dgr().options)
    const changed = { ...config, lambda: 0.5, gammar_r: 2, fixed_memory: true, init_lr: 5e-4 }
    expect(readPilotConfig(changed, dgr).options).toMatchObject({
      distillationWeight: 0.5,
      decay: 2,
      fixedMemory: true,
      baseLearningRate: 5e-4,
    })
  })
})
