import { readPilotConfig } from '@pilotjs/core/pilot-config'
import type { Task } from '@pilotjs/core'
import { contextOf, keepsTheContract, patternTask, pilotConfig, tinyBackbone } from '@pilotjs/testing'
import { describe, expect, it } from 'vitest'
import { foster } from './foster'

const quick = {
  batchSize: 5,
  baseEpochs: 4,
  boostingEpochs: 3,
  compressionEpochs: 2,
  learningRate: 0.02,
  baseLearningRate: 0.02,
  memoryPerClass: 3,
}
/** Where nothing depends on how well it learns. */
const brief = { batchSize: 10, baseEpochs: 1, boostingEpochs: 1, compressionEpochs: 1 }
const tasks = [patternTask(0, [0, 1]), patternTask(1, [2, 3]), patternTask(2, [4, 5])]

/** A learner after these tasks, with the phases of the last one; dispose both. */
async function learned(options: Parameters<typeof foster>[0], own: readonly Task[] = tasks) {
  const backbone = tinyBackbone()
  const learner = foster({ ...quick, ...brief, ...options }).create({ backbone, seed: 1 })
  let phases: string[] = []
  const context = contextOf(own, {
    seed: 1,
    onProgress: (event) => {
      if (event.kind === 'phase') phases.push(event.phase)
    },
  })
  for (const task of own) {
    phases = []
    await learner.learn(task, context(task))
  }
  const dispose = () => {
    learner.dispose()
    backbone.dispose()
  }
  return { learner, phases, dispose }
}

/** Names of a state's tensors, without those within a network. */
const kept = (names: readonly string[]) => [...new Set(names.map((name) => name.replace(/^(\w+\.\d)\..*/, '$1')))]

describe('foster', () => {
  keepsTheContract(foster, quick)

  it('boosts, compresses, and keeps one network, however many tasks there were', async () => {
    const { learner, phases, dispose } = await learned({})
    expect(phases).toEqual(['expansion', 'boosting', 'compression'])
    const { tensors } = learner.state()
    expect(kept(Object.keys(tensors))).toEqual(['nets.0', 'head.weight', 'head.bias', 'memory.means'])
    expect(tensors['head.weight']!.shape).toEqual([6, 16])
    expect(tensors['memory.means']!.shape).toEqual([6, 16])
    dispose()
  })

  it('as PILOT, scores with both networks, and goes on with the compressed one', async () => {
    const { learner, dispose } = await learned({ compat: 'pilot' })
    const { tensors } = learner.state()
    expect(kept(Object.keys(tensors))).toEqual([
      ...['nets.0', 'nets.1', 'head.weight', 'head.bias', 'featureHead.weight', 'featureHead.bias'],
      ...['oldHead.weight', 'oldHead.bias', 'student.0', 'studentHead.weight', 'studentHead.bias', 'memory.means'],
    ])
    expect(tensors['head.weight']!.shape).toEqual([6, 32])
    expect(tensors['studentHead.weight']!.shape).toEqual([6, 16])
    expect(tensors['oldHead.weight']!.shape).toEqual([4, 16])
    dispose()
  })

  it('lets new classes read the new features only, if told so', async () => {
    const blocks = async (newClassesReadOldFeatures: boolean) => {
      const { learner, dispose } = await learned({ compat: 'pilot', newClassesReadOldFeatures }, tasks.slice(0, 2))
      const rows = (await learner.state().tensors['head.weight']!.array()) as number[][]
      dispose()
      const has = (row: number[]) => row.some((value) => value !== 0)
      return rows.map((row) => [has(row.slice(0, 16)), has(row.slice(16))])
    }
    const [reads, lacks] = [
      [true, true],
      [false, true],
    ]
    expect(await blocks(true)).toEqual([reads, reads, reads, reads])
    expect(await blocks(false)).toEqual([reads, reads, lacks, lacks])
  })

  it('brings rows of new classes to the length of the old ones, if told so', async () => {
    const ratio = async (alignStudent: boolean) => {
      const { learner, dispose } = await learned({ alignStudent, alignmentShare: 0.5 }, tasks.slice(0, 2))
      const rows = (await learner.state().tensors['head.weight']!.array()) as number[][]
      dispose()
      const [a, b, c, d] = rows.map((row) => Math.hypot(...row))
      return (c! + d!) / (a! + b!)
    }
    expect(await ratio(true)).toBeCloseTo(0.5, 5)
    expect(await ratio(false)).not.toBeCloseTo(0.5, 2)
  })

  it('reads PILOT’s exps/foster.json', () => {
    const config = pilotConfig({
      prefix: 'cil',
      memory_size: 2000,
      memory_per_class: 20,
      fixed_memory: true,
      model_name: 'foster',
      backbone_type: 'vit_base_patch16_224',
      beta1: 0.96,
      beta2: 0.97,
      oofc: 'ft',
      is_teacher_wa: false,
      is_student_wa: false,
      lambda_okd: 1,
      wa_value: 1,
      init_epochs: 20,
      init_lr: 1e-3,
      init_weight_decay: 5e-4,
      boosting_epochs: 20,
      compression_epochs: 20,
      lr: 1e-3,
      batch_size: 32,
      weight_decay: 5e-4,
      num_workers: 8,
      T: 2,
    })
    expect(readPilotConfig(config, foster).options).toEqual(foster().options)
    const changed = { ...config, oofc: 'az', is_teacher_wa: true, wa_value: 0.9, boosting_epochs: 3, lr: 0.1 }
    expect(readPilotConfig(changed, foster).options).toMatchObject({
      newClassesReadOldFeatures: false,
      alignTeacher: true,
      alignmentShare: 0.9,
      boostingEpochs: 3,
      learningRate: 0.1,
    })
  })
})
