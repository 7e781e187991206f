import { createContext } from '@pilotjs/core'
import { readPilotConfig } from '@pilotjs/core/pilot-config'
import type { Learner } from '@pilotjs/core'
import { keepsTheContract, patternTask, pilotConfig, tinyBackbone } from '@pilotjs/testing'
import { describe, expect, it } from 'vitest'
import { codaPrompt } from './coda-prompt'

const quick = { blocks: [0, 1], epochs: 1, batchSize: 10, poolSize: 9, promptLength: 2, learningRate: 0.02 }
const plan = { totalClasses: 6, baseClasses: 2, increment: 2 }
const tasks = [patternTask(0, [0, 1]), patternTask(1, [2, 3])]

interface Trial {
  options?: Parameters<typeof codaPrompt>[0]
  known?: boolean
}
async function learned({ options, known = true }: Trial, use: (learner: Learner) => void): Promise<number[]> {
  const backbone = tinyBackbone()
  const learner = codaPrompt({ ...quick, ...options }).create({ backbone, seed: 1, ...(known && { plan }) })
  const rates: number[] = []
  const onProgress = (event: { kind: string; learningRate?: number }) => {
    if (event.kind === 'step') rates.push(event.learningRate!)
  }
  const context = createContext({ seed: 1, onProgress })
  for (const task of tasks) await learner.learn(task, context(task))
  use(learner)
  learner.dispose()
  backbone.dispose()
  return rates
}
const tableOf = (learner: Learner, name: string) => learner.state().tensors[`components.${name}`]!

describe('coda-prompt', () => {
  keepsTheContract(codaPrompt, { ...quick, epochs: 4, batchSize: 5 })

  it('gives each planned task its part of the pool, and leaves the parts of later tasks empty', async () => {
    await learned({}, (learner) => {
      const rows = tableOf(learner, 'e_k_0').arraySync() as number[][]
      expect(rows.map((row) => row.some((value) => value !== 0))).toEqual([...Array(6).fill(true), false, false, false])
    })
  })

  it('keeps the components of earlier tasks, bit for bit', async () => {
    const after: Float32Array[] = []
    for (const count of [1, 2]) {
      const backbone = tinyBackbone()
      const learner = codaPrompt(quick).create({ backbone, seed: 1, plan })
      const context = createContext({ seed: 1 })
      for (const task of tasks.slice(0, count)) await learner.learn(task, context(task))
      after.push((tableOf(learner, 'e_p_1').dataSync() as Float32Array).slice(0, 3 * 2 * 16))
      learner.dispose()
      backbone.dispose()
    }
    expect(after[1]).toEqual(after[0])
  })

  it('makes room for tasks that nobody planned', async () => {
    await learned({ known: false }, (learner) => expect(tableOf(learner, 'e_p_0').shape).toEqual([20, 2, 16]))
    await learned({ options: { componentsPerTask: 7 } }, (learner) =>
      expect(tableOf(learner, 'e_p_0').shape).toEqual([14, 2, 16]),
    )
  })

  it('falls by a quarter of a cosine, which comes an epoch late in PILOT', async () => {
    const end = 0.02 * Math.cos(0.495 * Math.PI)
    const near = (rates: number[]) => rates.slice(0, 4).map((rate) => Number(rate.toPrecision(6)))
    const nothing = () => undefined
    const rounded = Number(end.toPrecision(6))
    expect(near(await learned({ options: { epochs: 2 } }, nothing))).toEqual([0.02, 0.02, rounded, rounded])
    expect(near(await learned({ options: { epochs: 2, compat: 'pilot' } }, nothing))).toEqual([0.02, 0.02, 0.02, 0.02])
  })

  it('leaves out a last batch that is not full only as PILOT does', async () => {
    const steps = async (compat: 'paper' | 'pilot') =>
      (await learned({ options: { batchSize: 15, compat } }, () => undefined)).length
    expect([await steps('paper'), await steps('pilot')]).toEqual([4, 2])
  })

  it('holds components orthonormal where asked to', async () => {
    const departure = (learner: Learner) => {
      const rows = (tableOf(learner, 'e_k_0').arraySync() as number[][]).slice(0, 3)
      return rows.reduce(
        (sum, a, i) =>
          sum +
          rows.reduce((inner, b, j) => {
            const product = a.reduce((total, value, k) => total + value * b[k]!, 0)
            return inner + (product - (i === j ? 1 : 0)) ** 2
          }, 0),
        0,
      )
    }
    const found: number[] = []
    for (const orthogonality of [0, 10])
      await learned({ options: { epochs: 8, orthogonality } }, (learner) => found.push(departure(learner)))
    expect(found[1]).toBeLessThan(found[0]! / 2)
  })

  it('reads PILOT’s exps/coda_prompt.json', () => {
    const config = pilotConfig({
      prefix: ' ',
      shuffle: false,
      model_name: 'coda_prompt',
      backbone_type: 'vit_base_patch16_224_coda_prompt',
      seed: [0],
      tuned_epoch: 20,
      init_lr: 0.001,
      batch_size: 128,
      weight_decay: 0,
      min_lr: 1e-5,
      optimizer: 'adam',
      scheduler: 'cosine',
      reinit_optimizer: true,
      pretrained: true,
      drop: 0.0,
      drop_path: 0.0,
      prompt_param: [100, 8.0, 0.0],
    })
    expect(readPilotConfig(config, codaPrompt).options).toEqual({ ...codaPrompt().options, minimumLearningRate: 1e-5 })
    const other = readPilotConfig({ ...config, prompt_param: [12, 4, 0.1] }, codaPrompt)
    expect(other.options).toMatchObject({ poolSize: 12, promptLength: 4, orthogonality: 0.1 })
  })
})
