import { readPilotConfig } from '@pilotjs/core/pilot-config'
import type { Learner } from '@pilotjs/core'
import {
  keepsTheContract,
  learnTasks,
  patternTask,
  pilotConfig,
  scoresAloneAndTogether,
  tinyBackbone,
} from '@pilotjs/testing'
import { describe, expect, it } from 'vitest'
import { dualprompt } from './dualprompt'

const blocks = { generalBlocks: [0], expertBlocks: [1] }
const quick = {
  ...blocks,
  epochs: 1,
  batchSize: 10,
  poolSize: 6,
  promptLength: 2,
  generalLength: 2,
  learningRate: 0.02,
}
const plan = { totalClasses: 6, baseClasses: 2, increment: 2 }

async function learned(options: Parameters<typeof dualprompt>[0], use: (learner: Learner) => Promise<void>) {
  const backbone = tinyBackbone()
  const learner = dualprompt({ ...quick, ...options }).create({ backbone, seed: 1, plan })
  await learnTasks(learner, [patternTask(0, [0, 1]), patternTask(1, [2, 3])], { seed: 1 })
  await use(learner)
  learner.dispose()
  backbone.dispose()
}

describe('dualprompt', () => {
  keepsTheContract(dualprompt, { ...quick, epochs: 5, batchSize: 5 })

  it('refuses a block for both kinds of prefixes', () => {
    const backbone = tinyBackbone()
    const both = dualprompt({ ...quick, generalBlocks: [0, 1], expertBlocks: [1] })
    expect(() => both.create({ backbone, seed: 1 })).toThrow(/block 1 stands in generalBlocks and in expertBlocks/)
    backbone.dispose()
  })

  it('scores an image for itself, where PILOT mixes up a batch and lets it vote', async () => {
    await learned({}, async (learner) => {
      const { alone, together } = await scoresAloneAndTogether(learner, [1, 2, 3, 3, 2])
      alone.forEach((score, i) => expect(together[i]).toBeCloseTo(score, 4))
    })
    await learned({ compat: 'pilot' }, async (learner) => {
      const { alone, together } = await scoresAloneAndTogether(learner, [1, 2, 3, 3, 2])
      expect(Math.max(...alone.map((score, i) => Math.abs(score - together[i]!)))).toBeGreaterThan(1e-3)
    })
  })

  it('moves only the prompts of tasks that came, and lets a task begin where the last one ended', async () => {
    const prompts = (learner: Learner) => {
      const { shape, ...table } = learner.state().tensors['experts.prompt']!
      expect(shape).toEqual([1, 2, 6, 2, 2, 8])
      void table
      const values = learner.state().tensors['experts.prompt']!.dataSync()
      // [kind, prompt, numbers]
      return [0, 1, 2, 3, 4, 5].map((id) =>
        [0, 1].flatMap((kind) => [...values.slice((6 * kind + id) * 32, (6 * kind + id + 1) * 32)]),
      )
    }
    const distance = (a: number[], b: number[]) => Math.hypot(...a.map((value, i) => value - b[i]!))
    await learned({}, async (learner) => {
      const backbone = tinyBackbone()
      const fresh = dualprompt(quick).create({ backbone, seed: 1, plan })
      const [before, after] = [prompts(fresh), prompts(learner)]
      expect(before.map((prompt, id) => distance(prompt, after[id]!) > 0)).toEqual([
        true,
        true,
        false,
        false,
        false,
        false,
      ])
      expect(distance(after[1]!, after[0]!)).toBeLessThan(distance(before[1]!, before[0]!) / 4)
      fresh.dispose()
      backbone.dispose()
      await Promise.resolve()
    })
  })

  it('names the blocks that a backbone does not have', () => {
    const backbone = tinyBackbone()
    expect(() => dualprompt().create({ backbone, seed: 1 })).toThrow(/DualPrompt reaches into block 2, 3, 4, but/)
    backbone.dispose()
  })

  it('reads PILOT’s exps/dualprompt.json', () => {
    const config = pilotConfig(
      {
        prefix: ' ',
        model_name: 'dualprompt',
        backbone_type: 'vit_base_patch16_224_dualprompt',
        init_lr: 0.001,
        batch_size: 24,
        head_type: 'token',
        use_g_prompt: true,
        g_prompt_length: 5,
        g_prompt_layer_idx: [0, 1],
        use_prefix_tune_for_g_prompt: true,
        use_e_prompt: true,
        e_prompt_layer_idx: [2, 3, 4],
        use_prefix_tune_for_e_prompt: true,
        top_k: 1,
        use_prompt_mask: true,
        shared_prompt_pool: true,
        same_key_value: false,
      },
      'prompts',
    )
    expect(readPilotConfig(config, dualprompt).options).toEqual({ ...dualprompt().options, minimumLearningRate: 1e-5 })
    expect(() => readPilotConfig({ ...config, head_type: 'gap' }, dualprompt)).toThrow(/reads the class token/)
  })
})
