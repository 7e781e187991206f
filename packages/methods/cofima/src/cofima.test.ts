import { readPilotConfig } from '@pilotjs/core/pilot-config'
import type { Learner } from '@pilotjs/core'
import {
  keepsTheContract,
  keepsTheContractInShort,
  learnTasks,
  patternTask,
  pilotConfig,
  tinyBackbone,
} from '@pilotjs/testing'
import { describe, expect, it } from 'vitest'
import { cofima } from './cofima'

const quick = { epochs: 2, batchSize: 10, learningRate: 0.05, backboneScale: 0.1, alignEpochs: 2, samplesPerClass: 16 }
const tasks = [patternTask(0, [0, 1]), patternTask(1, [2, 3])]

/** Values of every tensor after so many tasks. */
async function learned(options: Parameters<typeof cofima>[0], count = 2): Promise<Record<string, number[]>> {
  const backbone = tinyBackbone()
  const learner: Learner = cofima({ ...quick, ...options }).create({ backbone, seed: 1 })
  await learnTasks(learner, tasks.slice(0, count), { seed: 1 })
  const { tensors } = learner.state()
  const values = Object.fromEntries(Object.entries(tensors).map(([name, own]) => [name, Array.from(own.dataSync())]))
  learner.dispose()
  backbone.dispose()
  return values
}

const net = (values: Record<string, number[]>) =>
  Object.entries(values).flatMap(([name, own]) => (name.startsWith('net.') ? own : []))
const head = (values: Record<string, number[]>, task: number) => values[`aligned.${task}.weight`]!
const size = (values: readonly number[]) => Math.hypot(...values)
const distance = (a: readonly number[], b: readonly number[]) => size(a.map((value, i) => value - b[i]!))

describe('cofima, compat paper', () => keepsTheContract(cofima, { ...quick, epochs: 3, batchSize: 5 }))

describe('cofima, compat pilot', () => keepsTheContractInShort(cofima, { ...quick, compat: 'pilot' }))

describe('cofima', () => {
  it('ends between the weights before a task and those after it', async () => {
    const [before, after] = [net(await learned({}, 1)), net(await learned({ newerShare: 1 }))]
    const half = net(await learned({ newerShare: 0.5, fisherWeighting: false }))
    const middle = before.map((value, i) => (value + after[i]!) / 2)
    expect(distance(half, middle)).toBeLessThan(1e-4 * size(middle))
    const weighted = net(await learned({ newerShare: 0.5 }))
    const between = weighted.every((value, i) => {
      const [low, high] = [Math.min(before[i]!, after[i]!), Math.max(before[i]!, after[i]!)]
      return value >= low - 1e-5 && value <= high + 1e-5
    })
    expect(between).toBe(true)
    expect(distance(weighted, middle)).toBeGreaterThan(1e-3 * distance(before, after))
  })

  it('keeps the information of one task, of the newest heads too', async () => {
    const [one, two] = [await learned({}, 1), await learned({})]
    const informed = (values: Record<string, number[]>) =>
      Object.keys(values).filter((name) => name.startsWith('fisher.'))
    expect(informed(two).length - informed(one).length).toBe(2)
    for (const name of informed(two)) {
      expect(Math.min(...two[name]!)).toBeGreaterThanOrEqual(0)
      expect(Math.max(...two[name]!)).toBeLessThanOrEqual(1e-4)
    }
    expect(informed(await learned({ fisherWeighting: false }))).toEqual([])
  })

  it('leaves a new head as it was learned, where PILOT all but erases it', async () => {
    const alone = { alignEpochs: 0 }
    const [paper, pilot] = [await learned(alone), await learned({ ...alone, compat: 'pilot' })]
    expect(head(paper, 1)).toEqual(paper['heads.1.weight'])
    expect(size(head(pilot, 1))).toBeLessThan(1e-3 * size(pilot['heads.1.weight']!))
  })

  it('trains with a backbone that stays frozen, too', async () => {
    const values = await learned({ backboneScale: 0 })
    const backbone = tinyBackbone()
    for (const [name, start] of Object.entries(backbone.parameters))
      expect(values[`net.${name}`]).toEqual(Array.from(start.dataSync()))
    backbone.dispose()
    expect(head(values, 0).every(Number.isFinite)).toBe(true)
  })

  it('reads PILOT’s exps/cofima.json', () => {
    const config = pilotConfig({ model_name: 'cofima', fisher_weighting: true, wt_lambda: 0.4 }, 'slowLearner')
    expect(readPilotConfig(config, cofima).options).toEqual(cofima().options)
  })
})
