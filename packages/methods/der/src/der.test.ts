import { readPilotConfig } from '@pilotjs/core/pilot-config'
import { contextOf, keepsTheContract, patternTask, pilotConfig, tinyBackbone } from '@pilotjs/testing'
import { describe, expect, it } from 'vitest'
import { der } from './der'

const quick = { epochs: 1, baseEpochs: 1, batchSize: 10, learningRate: 0.02, baseLearningRate: 0.02, memorySize: 12 }
const tasks = [patternTask(0, [0, 1]), patternTask(1, [2, 3])]

describe('der', () => {
  keepsTheContract(der, { ...quick, epochs: 3, baseEpochs: 3, batchSize: 5 })

  it.each(['paper', 'pilot'] as const)('compat %s: what a new extractor starts from', async (compat) => {
    const backbone = tinyBackbone()
    const plan = { totalClasses: 4, baseClasses: 2, increment: 2 }
    const learner = der({ ...quick, compat }).create({ backbone, seed: 1, plan })
    const name = 'blocks.0.attn.qkv.weight'
    const starts: number[][] = []
    const context = contextOf(tasks, {
      seed: 1,
      onProgress(event) {
        const newest = learner.state().tensors[`nets.1.${name}`]
        if (event.kind === 'phase' && newest) starts.push(Array.from(newest.dataSync()))
      },
    })
    await learner.learn(tasks[0]!, context(tasks[0]!))
    const first = Array.from(learner.state().tensors[`nets.0.${name}`]!.dataSync())
    await learner.learn(tasks[1]!, context(tasks[1]!))
    expect(starts).toEqual([compat === 'pilot' ? first : Array.from(backbone.parameters[name]!.dataSync())])

    // The first extractor is frozen, the classifier reads both.
    const { tensors } = learner.state()
    expect(Array.from(tensors[`nets.0.${name}`]!.dataSync())).toEqual(first)
    expect(tensors['head.weight']!.shape).toEqual([4, 32])
    expect(tensors['auxiliary.weight']!.shape).toEqual([3, 16])
    expect(tensors['memory.means']!.shape).toEqual([4, 32])
    learner.dispose()
    backbone.dispose()
  })

  it('reads PILOT’s exps/der.json', () => {
    const config = pilotConfig(
      {
        memory_size: 2000,
        memory_per_class: 20,
        model_name: 'der',
        init_epoch: 10,
        epochs: 10,
        milestones: [80, 120, 150],
        batch_size: 32,
        T: 2,
      },
      'staged',
    )
    const { options, ignored } = readPilotConfig(config, der)
    expect(options).toEqual(der().options)
    expect(ignored.find(({ key }) => key === 'T')?.reason).toBe('DER does not distil')
  })
})
