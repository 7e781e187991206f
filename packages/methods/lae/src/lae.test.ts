import { readPilotConfig } from '@pilotjs/core/pilot-config'
import type { Learner } from '@pilotjs/core'
import {
  keepsTheContract,
  keepsTheContractInShort,
  learnTasks,
  patternImages,
  patternTask,
  pilotConfig,
} from '@pilotjs/testing'
import { scoresOf, tinyBackbone } from '@pilotjs/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { lae } from './lae'

const quick = {
  blocks: [0, 1],
  epochs: 2,
  freezeEpochs: 1,
  batchSize: 10,
  length: 2,
  rank: 2,
  bottleneck: 2,
  learningRate: 0.02,
}
const tasks = [patternTask(0, [0, 1]), patternTask(1, [2, 3])]

async function learned(
  options: Parameters<typeof lae>[0],
  count: number,
  use: (learner: Learner) => void | Promise<void>,
) {
  const backbone = tinyBackbone()
  const learner = lae({ ...quick, ...options }).create({ backbone, seed: 1 })
  await learnTasks(learner, tasks.slice(0, count), { seed: 1 })
  await use(learner)
  learner.dispose()
  backbone.dispose()
}
const valuesOf = (learner: Learner, expert: 'online' | 'offline') =>
  Object.entries(learner.state().tensors)
    .filter(([name]) => name.startsWith(`${expert}.`))
    .flatMap(([, tensor]) => Array.from(tensor.dataSync()))
const distance = (a: number[], b: number[]) => Math.hypot(...a.map((value, i) => value - b[i]!))

describe('lae with prefix', () => keepsTheContract(lae, { ...quick, epochs: 4, batchSize: 5 }))

describe.each(['adapter', 'lora'] as const)('lae with %s', (module) => {
  keepsTheContractInShort(lae, { ...quick, module })
})

describe('lae', () => {
  it('has a fast expert, and a slow one that begins as the first task leaves it and follows', async () => {
    const first: number[][] = []
    await learned({}, 1, (learner) => {
      first.push(valuesOf(learner, 'online'), valuesOf(learner, 'offline'))
    })
    expect(first[1]).toEqual(first[0])
    await learned({ decay: 0.9 }, 2, (learner) => {
      const [online, offline] = [valuesOf(learner, 'online'), valuesOf(learner, 'offline')]
      expect(distance(online, first[0]!)).toBeGreaterThan(0)
      expect(distance(offline, first[0]!)).toBeGreaterThan(0)
      expect(distance(offline, first[0]!)).toBeLessThan(distance(online, first[0]!))
    })
  })

  it('trains its modules from the first epoch of the first task, where PILOT freezes them, and lets the slow one start untrained', async () => {
    const moved = async (compat: 'paper' | 'pilot') => {
      const found: number[] = []
      const backbone = tinyBackbone()
      const fresh = lae(quick).create({ backbone, seed: 1 })
      const start = valuesOf(fresh, 'online')
      await learned({ compat, epochs: 1 }, 1, (learner) => {
        found.push(distance(valuesOf(learner, 'online'), start), distance(valuesOf(learner, 'offline'), start))
      })
      fresh.dispose()
      backbone.dispose()
      return found.map((length) => length > 1e-6)
    }
    expect(await moved('paper')).toEqual([true, true])
    expect(await moved('pilot')).toEqual([false, false])
  })

  it('lets the surer expert speak', async () => {
    await learned({ decay: 0.5 }, 2, async (learner) => {
      const exam = patternImages([0, 1, 2, 3], 'exam')
      const { values } = await scoresOf(learner, exam)
      for await (const batch of exam.batches({ size: 4, view: 'eval' })) {
        tf.tidy(() => {
          const features = learner.extractor.apply(batch.images)
          const [online, offline] = ['online', 'offline'].map((name) => tf.softmax(learner.readings[name]!(features)))
          const surer = Array.from(tf.maximum(online!, offline!).dataSync())
          surer.forEach((value, i) => expect(values[i]).toBeCloseTo(value, 5))
        })
        batch.dispose()
      }
    })
  })

  it('never calls the adapters that PILOT hangs where nothing looks for them', async () => {
    await learned({ compat: 'pilot', module: 'adapter', idleAdapters: true, freezeEpochs: 0 }, 1, (learner) => {
      const up = learner.state().tensors['online.0.layer.2.weight']!
      expect(up.dataSync().every((value) => value === 0)).toBe(true)
    })
    await learned({ module: 'adapter', idleAdapters: true, freezeEpochs: 0 }, 1, (learner) => {
      const up = learner.state().tensors['online.0.layer.2.weight']!
      expect(up.dataSync().some((value) => value !== 0)).toBe(true)
    })
  })

  it('reads PILOT’s exps/lae.json', () => {
    const config = pilotConfig({
      prefix: ' ',
      model_name: 'lae',
      backbone_type: 'vit_base_patch16_224_lae',
      tuned_epoch: 5,
      init_lr: 0.0028125,
      batch_size: 128,
      weight_decay: 0,
      min_lr: 1e-5,
      optimizer: 'adam',
      scheduler: 'constant',
      reinit_optimizer: true,
      pretrained: true,
      drop: 0.0,
      drop_path: 0.0,
      ema_decay: 0.9999,
      num_freeze_epochs: 3,
      pet_cls: 'Prefix',
      pet_length: 10,
      down_sample_dim: 5,
    })
    const expected = { ...lae().options, minimumLearningRate: 1e-5, idleAdapters: true }
    expect(readPilotConfig(config, lae).options).toEqual(expected)
    expect(readPilotConfig({ ...config, pet_cls: 'LoRA' }, lae).options).toMatchObject({ module: 'lora' })
  })
})
