import { createContext } from '@pilotjs/core'
import { memoryFeatureCache } from '@pilotjs/core/features'
import { readPilotConfig } from '@pilotjs/core/pilot-config'
import {
  contextOf,
  keepsTheContract,
  learnTasks,
  patternTask,
  pilotConfig,
  scoresOf,
  tinyBackbone,
} from '@pilotjs/testing'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, describe, expect, it } from 'vitest'
import { simplecil } from './simplecil'

const backbone = tinyBackbone()
afterAll(() => backbone.dispose())
const make = () => simplecil().create({ backbone, seed: 3 })

/** Images of these labels, in this order, out of a task of all of them. */
function task(index: number, labels: number[], classesBefore: number) {
  const whole = patternTask(index, [...new Set(labels)].sort(), classesBefore)
  const free = Array.from({ length: whole.train.length }, (_, i) => i)
  const picked = labels.map(
    (label) =>
      free.splice(
        free.findIndex((i) => whole.train.labels[i] === label),
        1,
      )[0]!,
  )
  return { ...whole, train: whole.train.select(picked) }
}

describe('simplecil', () => {
  keepsTheContract(simplecil, {})

  it('keeps the mean feature of every class, and scores by the cosine to it', async () => {
    const learner = make()
    const tasks = [task(0, [0, 1, 0, 1, 1], 0), task(1, [3, 2, 3], 2)]
    await learnTasks(learner, tasks, { seed: 5 })
    const prototypes = learner.state().tensors['head.weight'] as tf.Tensor2D
    expect(prototypes.shape).toEqual([4, 16])
    const features = await contextOf(tasks, { seed: 5 })(tasks[1]!).features.extract(tasks[1]!.train, learner.extractor)
    const rows = features.arraySync()
    const mean = rows[0]!.map((value, i) => (value + rows[2]![i]!) / 2)
    prototypes.arraySync()[3]!.forEach((value, i) => expect(value).toBeCloseTo(mean[i]!, 5))
    // Class 2 has one image, which is its own prototype.
    const { values } = await scoresOf(learner, tasks[1]!.train)
    expect(values[1 * 4 + 2]).toBeCloseTo(1, 5)
    features.dispose()
    learner.dispose()
  })

  it('computes features of an image once, also for a second learner', async () => {
    const features = memoryFeatureCache()
    const first = task(0, [0, 1, 0], 0)
    for (const learner of [make(), make()]) {
      await learner.learn(first, createContext({ seed: 1, features })(first))
      learner.dispose()
    }
    expect(features.stats).toEqual({ computed: 3, reused: 3 })
  })

  it('averages over the domains of a class, and leaves other classes bit for bit', async () => {
    const learner = make()
    const [first, second] = [task(0, [0, 1], 0), task(1, [0, 0, 0], 2)]
    const rows = () => (learner.state().tensors['head.weight'] as tf.Tensor2D).arraySync()
    await learnTasks(learner, [first], { seed: 5 })
    const start = rows()
    await learnTasks(learner, [second], { seed: 5 })
    expect(rows()[1]).toEqual(start[1])
    const all = first.train.select([0]).concat(second.train)
    const features = await createContext({ seed: 5 })(first).features.extract(all, learner.extractor)
    const expected = tf.tidy(() => tf.mean(features, 0).dataSync())
    rows()[0]!.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5))
    features.dispose()
    learner.dispose()
  })

  it('reads PILOT’s exps/simplecil.json', () => {
    const config = pilotConfig({
      model_name: 'simplecil',
      backbone_type: 'pretrained_vit_b16_224',
      tuned_epoch: 0,
      init_lr: 0.01,
      batch_size: 48,
      weight_decay: 0.05,
      min_lr: 1e-8,
      optimizer: 'sgd',
      vpt_type: 'shallow',
      prompt_token_num: 5,
    })
    const { options, ignored } = readPilotConfig(config, simplecil)
    expect(options).toEqual({})
    expect(ignored.find(({ key }) => key === 'tuned_epoch')?.reason).toBe('SimpleCIL trains nothing')
  })

  // RevisitingCIL's exps/simplecil/*.json: they differ in these alone.
  it.each([
    ['cifar224', 5, true],
    ['cub', 10, true],
    ['imageneta', 10, true],
    ['imagenetr', 5, true],
    ['objectnet', 10, true],
    ['omnibenchmark', 30, true],
    ['vtab', 10, false],
  ] as const)('reads RevisitingCIL’s config for %s, whose training keys are APER’s', (dataset, size, shuffle) => {
    const config = pilotConfig({
      ...{ prefix: 'exp', dataset, memory_size: 2000, memory_per_class: 20, fixed_memory: false, shuffle },
      ...{ init_cls: size, increment: size, model_name: 'simplecil', convnet_type: 'pretrained_vit_b16_224_in21k' },
      ...{ weight_decay: 0.0005, prompt_token_num: 30, ffn_num: 64, optimizer: 'sgd', min_lr: 0, device: ['0'] },
      ...{ seed: [1993], tuned_epoch: 20, init_lr: 0.01, batch_size: 48 },
    })
    const { ignored, ...reading } = readPilotConfig(config, simplecil)
    const backbone = 'vit_base_patch16_224.augreg_in21k'
    expect(reading).toMatchObject({ dataset, baseClasses: size, increment: size, shuffle, seeds: [1993], backbone })
    const training = ['weight_decay', 'prompt_token_num', 'optimizer', 'min_lr', 'tuned_epoch', 'init_lr', 'batch_size']
    const reasons = Object.fromEntries(ignored.map(({ key, reason }) => [key, reason]))
    expect(training.map((key) => reasons[key])).toEqual(training.map(() => 'SimpleCIL trains nothing'))
    expect(reasons.ffn_num).toBe('simplecil has no use for it')
    expect(reasons.memory_size).toBeTypeOf('string')
  })
})
