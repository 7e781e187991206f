import { readPilotConfig } from '@pilotjs/core/pilot-config'
import type { Task } from '@pilotjs/core'
import { contextOf, keepsTheContract, patternTask, pilotConfig, tinyBackbone } from '@pilotjs/testing'
import { describe, expect, it } from 'vitest'
import { memo } from './memo'

const quick = { epochs: 4, baseEpochs: 4, batchSize: 5, learningRate: 0.02, baseLearningRate: 0.02, memorySize: 12 }
/** Where nothing depends on how well it learns. */
const brief = { epochs: 1, baseEpochs: 1, batchSize: 10 }
const tasks = [patternTask(0, [0, 1]), patternTask(1, [2, 3])]

/** A learner's tensors after these tasks, as numbers by name. */
async function learned(options: Parameters<typeof memo>[0], own: readonly Task[] = tasks) {
  const backbone = tinyBackbone()
  const learner = memo({ ...quick, ...brief, ...options }).create({ backbone, seed: 1 })
  const context = contextOf(own, { seed: 1 })
  for (const task of own) await learner.learn(task, context(task))
  const entries = Object.entries(learner.state().tensors).map(async ([name, tensor]) => [
    name,
    Array.from(await tensor.data()),
  ])
  const values = Object.fromEntries(await Promise.all(entries)) as Record<string, number[]>
  const pretrained = (name: string) => backbone.parameters[name]!.data().then((data) => Array.from(data))
  const lastBlock = await pretrained('blocks.1.attn.qkv.weight')
  const cached = learner.extractor.id !== undefined
  learner.dispose()
  backbone.dispose()
  return { values, lastBlock, cached }
}

const still = { baseEpochs: 1, baseLearningRate: 0, baseWeightDecay: 0 }

describe('memo', () => {
  keepsTheContract(memo, quick)

  it('tunes the trunk in the first task only, and adds a last block a task', async () => {
    const [one, both] = [await learned({}, tasks.slice(0, 1)), await learned({})]
    const [trunk, first, second] = ['trunk.blocks.0.mlp.fc1.bias', 'ends.0.norm.bias', 'ends.1.norm.bias']
    expect(both.values[trunk!]).toEqual(one.values[trunk!])
    expect(both.values[first!]).toEqual(one.values[first!])
    expect(both.values[second!]).not.toEqual(one.values[first!])
    expect(Object.keys(both.values).filter((name) => /blocks\.1/.test(name) && name.startsWith('trunk'))).toEqual([])
    expect(both.values['head.weight']).toHaveLength(4 * 32)
    expect(both.values['auxiliary.weight']).toHaveLength(3 * 16)
    // All is frozen between tasks: features are kept.
    expect(both.cached).toBe(true)
  })

  it('goes on training trunk and earlier blocks if told so', async () => {
    const free = { trainTrunk: true, trainOldBlocks: true }
    const [one, both] = [await learned(free, tasks.slice(0, 1)), await learned(free)]
    for (const name of ['trunk.blocks.0.mlp.fc1.bias', 'ends.0.norm.bias'])
      expect(both.values[name]).not.toEqual(one.values[name])
    expect(both.cached).toBe(false)
  })

  it('starts from the pre-trained last block, and with compat pilot from an untrained one', async () => {
    const name = 'ends.0.blocks.1.attn.qkv.weight'
    const own = await learned(still, tasks.slice(0, 1))
    expect(own.values[name]).toEqual(own.lastBlock)
    const pilot = await learned({ ...still, compat: 'pilot' }, tasks.slice(0, 1))
    expect(pilot.values[name]).not.toEqual(own.lastBlock)
    expect(Math.max(...pilot.values[name]!.map(Math.abs))).toBeLessThanOrEqual(0.25)
    expect(new Set(pilot.values['ends.0.blocks.1.norm1.weight'])).toEqual(new Set([1]))
  })

  it('knows the mean of every class; with compat pilot, as PILOT, only of the last new one', async () => {
    const missing = async (options: Parameters<typeof memo>[0]) => {
      const means = (await learned(options)).values['memory.means']!
      return [0, 1, 2, 3].filter((label) => means.slice(label * 32, (label + 1) * 32).every((value) => value === 0))
    }
    expect(await missing({})).toEqual([])
    expect(await missing({ compat: 'pilot' })).toEqual([2])
    expect(await missing({ compat: 'pilot', fixedMemory: true, memoryPerClass: 3 })).toEqual([])
  })

  it('reads PILOT’s exps/memo.json', () => {
    const config = pilotConfig(
      {
        prefix: 'benchmark',
        memory_size: 2000,
        memory_per_class: 20,
        model_name: 'memo',
        backbone_type: 'vit_base_patch16_224_memo',
        train_base: false,
        train_adaptive: false,
        debug: false,
        skip: false,
        scheduler: 'steplr',
        init_epoch: 10,
        t_max: null,
        milestones: [80, 120, 150],
        batch_size: 32,
        alpha_aux: 1.0,
      },
      'staged',
    )
    expect(readPilotConfig(config, memo).options).toEqual(memo().options)
    const changed = { ...config, scheduler: 'cosine', t_max: 5, train_base: true, alpha_aux: 0.5 }
    expect(readPilotConfig(changed, memo).options).toMatchObject({
      schedule: 'cosine',
      cosineEpochs: 5,
      trainTrunk: true,
      noveltyWeight: 0.5,
    })
  })
})
