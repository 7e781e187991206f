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
import { describe, expect, it } from 'vitest'
import { mos } from './mos'

const quick = { epochs: 2, batchSize: 10, bottleneck: 4, learningRate: 0.1, alignEpochs: 2, dropout: 0 }
const tasks = [patternTask(0, [0, 1]), patternTask(1, [2, 3])]

async function learned(
  options: Parameters<typeof mos>[0],
  use: (learner: Learner) => void | Promise<void>,
  count = tasks.length,
) {
  const backbone = tinyBackbone()
  const learner = mos({ ...quick, ...options }).create({ backbone, seed: 1 })
  await learnTasks(learner, tasks.slice(0, count), { seed: 1 })
  await use(learner)
  learner.dispose()
  backbone.dispose()
}

const adaptersOf = (learner: Learner, part: string) =>
  Object.entries(learner.state().tensors)
    .filter(([name]) => name.startsWith(`${part}.`))
    .flatMap(([, tensor]) => Array.from(tensor.dataSync()))
const distance = (a: number[], b: number[]) => Math.hypot(...a.map((value, i) => value - b[i]!))

describe('mos', () => keepsTheContract(mos, { ...quick, epochs: 4, batchSize: 5, alignEpochs: 2 }))

describe('mos with statistics centroids', () => {
  keepsTheContractInShort(mos, { ...quick, statistics: 'centroids', centroids: 2 })
})

describe('mos', () => {
  it('keeps adapters near those of earlier tasks, the more so the larger the momentum', async () => {
    const moved: number[] = []
    for (const momentum of [0, 0.1, 1])
      await learned({ momentum }, (learner) => {
        moved.push(distance(adaptersOf(learner, 'kept.1'), adaptersOf(learner, 'kept.0')))
      })
    expect(moved[0]).toBeGreaterThan(moved[1]!)
    expect(moved[1]).toBeGreaterThan(moved[2]!)
    expect(moved[2]).toBeLessThan(1e-5)
  })

  it('stays as it is while it scores, where PILOT’s adapters go on merging', async () => {
    const changes = async (compat: 'paper' | 'pilot') => {
      const found: number[] = []
      await learned({ compat, momentum: 0.3 }, async (learner) => {
        const before = adaptersOf(learner, 'kept.1')
        await scoresOf(learner, patternImages([0, 1, 2, 3], 'exam'))
        found.push(distance(adaptersOf(learner, 'kept.1'), before))
      })
      return found[0]!
    }
    expect(await changes('paper')).toBe(0)
    expect(await changes('pilot')).toBeGreaterThan(0)
  })

  it('scores by the refined guess alone, or with the prototypes beside it', async () => {
    const exam = patternImages([0, 1, 2, 3], 'exam')
    await learned({ ensemble: false }, async (learner) => {
      expect(Object.keys(learner.readings)).toEqual(['refined', 'prototypes'])
      expect((await scoresOf(learner, exam)).shape).toEqual([4, 4])
    })
    await learned({}, async (learner) => {
      const { values } = await scoresOf(learner, exam)
      // Two probabilities are added.
      for (let image = 0; image < 4; image++)
        expect(values.subarray(image * 4, image * 4 + 4).reduce((sum, value) => sum + value, 0)).toBeCloseTo(2, 4)
    })
  })

  it('keeps covariances, variances, or means and variances of groups', async () => {
    const kept = async (statistics: 'covariance' | 'variance' | 'centroids') => {
      const shapes: Record<string, number[]> = {}
      await learned({ statistics, centroids: 3 }, (learner) => {
        for (const [name, { shape }] of Object.entries(learner.state().tensors))
          if (name.startsWith('statistics.')) shapes[name] = shape
      })
      return shapes
    }
    expect((await kept('covariance'))['statistics.covariances']).toEqual([4, 16, 16])
    expect((await kept('variance'))['statistics.covariances']).toEqual([4, 16])
    const groups = await kept('centroids')
    expect(Object.keys(groups)).toHaveLength(2 * 3 * 4)
    expect(groups['statistics.variance.3.2']).toEqual([16])
  })

  it('reads PILOT’s exps/mos.json', () => {
    const config = pilotConfig({
      prefix: ' ',
      init_cls: 5,
      increment: 5,
      model_name: 'mos',
      backbone_type: 'vit_base_patch16_224_mos',
      tuned_epoch: 20,
      init_lr: 0.03,
      batch_size: 48,
      weight_decay: 0.0005,
      min_lr: 0,
      optimizer: 'sgd',
      scheduler: 'cosine',
      reinit_optimizer: true,
      init_milestones: [10],
      init_lr_decay: 0.1,
      reg: 0.1,
      adapter_momentum: 0.1,
      ensemble: true,
      crct_epochs: 30,
      ca_lr: 0.005,
      ca_storage_efficient_method: 'covariance',
      ca_storage_efficient_method_choices: ['covariance', 'multi-centroid', 'variance'],
      n_centroids: 10,
      pretrained: true,
      drop: 0.0,
      drop_path: 0.0,
      ffn_num: 16,
    })
    expect(readPilotConfig(config, mos).options).toEqual({ ...mos().options, milestones: [10] })
    const grouped = { ...config, ca_storage_efficient_method: 'multi-centroid' }
    expect(readPilotConfig(grouped, mos).options).toMatchObject({ statistics: 'centroids' })
  })
})
