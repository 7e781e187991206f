import { createContext } from '@pilotjs/core'
import { readPilotConfig } from '@pilotjs/core/pilot-config'
import type { Learner } from '@pilotjs/core'
import { keepsTheContract, patternTask, pilotConfig, scoresAloneAndTogether, tinyBackbone } from '@pilotjs/testing'
import type * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { l2p } from './l2p'

const quick = { epochs: 1, batchSize: 10, poolSize: 6, promptLength: 1, topK: 2, learningRate: 0.01 }
const tasks = [patternTask(0, [0, 1]), patternTask(1, [2, 3])]

async function learned(
  options: Parameters<typeof l2p>[0],
  use: (learner: Learner) => Promise<void>,
): Promise<number[]> {
  const backbone = tinyBackbone()
  const plan = { totalClasses: 6, baseClasses: 2, increment: 2 }
  const learner = l2p({ ...quick, ...options }).create({ backbone, seed: 1, plan })
  const rates: number[] = []
  const context = createContext({
    seed: 1,
    onProgress: (event) => event.kind === 'step' && rates.push(event.learningRate),
  })
  for (const task of tasks) await learner.learn(task, context(task))
  await use(learner)
  learner.dispose()
  backbone.dispose()
  return rates
}

describe('l2p', () => {
  keepsTheContract(l2p, { ...quick, epochs: 5, batchSize: 5, promptLength: 2, learningRate: 0.02 })

  it('scores an image for itself, where PILOT lets a test batch vote', async () => {
    const wide = { poolSize: 40, topK: 1, query: 'mean' } as const
    await learned(wide, async (learner) => {
      const { alone, together } = await scoresAloneAndTogether(learner, [1, 2, 3, 3, 2])
      alone.forEach((score, i) => expect(together[i]).toBeCloseTo(score, 4))
    })
    await learned({ ...wide, compat: 'pilot' }, async (learner) => {
      const { alone, together } = await scoresAloneAndTogether(learner, [1, 2, 3, 3, 2])
      expect(Math.max(...alone.map((score, i) => Math.abs(score - together[i]!)))).toBeGreaterThan(1e-3)
    })
  })

  it('refuses to give an image more prompts than there are, and to be made of none', () => {
    expect(() => l2p({ poolSize: 4 })).toThrow(/topK: must be at most poolSize/)
    expect(() => l2p({ promptLength: 0 })).toThrow(/promptLength/)
    expect(l2p({ poolSize: 4, topK: 4 }).options).toMatchObject({ topK: 4 })
  })

  it('moves only a task’s own prompts with taskPrompts', async () => {
    const moved: boolean[] = []
    await learned({ taskPrompts: true }, async (learner) => {
      const backbone = tinyBackbone()
      const plan = { totalClasses: 6, baseClasses: 2, increment: 2 }
      const fresh = l2p(quick).create({ backbone, seed: 1, plan })
      const prompts = ({ tensors }: ReturnType<Learner['state']>) => (tensors['pool.prompt'] as tf.Tensor3D).arraySync()
      const [before, after] = [prompts(fresh.state()), prompts(learner.state())]
      before.forEach((prompt, id) => moved.push(JSON.stringify(prompt) !== JSON.stringify(after[id])))
      fresh.dispose()
      backbone.dispose()
      await Promise.resolve()
    })
    expect(moved).toEqual([true, true, true, true, false, false])
  })

  it.each(['mean', 'max', 'mean_max'] as const)('queries by %s of the patches', async (query) => {
    await learned({ query }, async (learner) => {
      const { alone } = await scoresAloneAndTogether(learner, [])
      expect(alone.every(Number.isFinite)).toBe(true)
    })
  })

  it.each(['token', 'gap', 'token+prompt'] as const)('reads from %s', async (readFrom) => {
    await learned({ readFrom }, async (learner) => {
      const { alone } = await scoresAloneAndTogether(learner, [])
      expect(alone.every(Number.isFinite)).toBe(true)
    })
  })

  it('begins every task’s schedule anew, where PILOT keeps the first rate', async () => {
    const options = { epochs: 2, schedule: 'cosine' } as const
    const nothing = () => Promise.resolve()
    expect(await learned(options, nothing)).toEqual([0.01, 0.01, 0.005, 0.005, 0.01, 0.01, 0.005, 0.005])
    expect(await learned({ ...options, compat: 'pilot' }, nothing)).toEqual([
      0.01, 0.01, 0.005, 0.005, 0.01, 0.01, 0.01, 0.01,
    ])
  })

  it('reads PILOT’s exps/l2p.json', () => {
    const config = pilotConfig(
      {
        prefix: 'l2p',
        model_name: 'l2p',
        backbone_type: 'vit_base_patch16_224_l2p',
        init_lr: 0.001875,
        batch_size: 16,
        head_type: 'prompt',
        top_k: 5,
        use_prompt_mask: false,
        shared_prompt_pool: false,
      },
      'prompts',
    )
    expect(readPilotConfig(config, l2p).options).toEqual({ ...l2p().options, minimumLearningRate: 1e-5 })
    expect(readPilotConfig({ ...config, pull_constraint: false }, l2p).options).toMatchObject({ pull: 0 })
    expect(() => readPilotConfig({ ...config, prompt_pool: false }, l2p)).toThrow(/prompts come from a pool/)
  })
})
