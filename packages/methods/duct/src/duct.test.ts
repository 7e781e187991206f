import type { Learner } from '@pilotjs/core'
import { readPilotConfig } from '@pilotjs/core/pilot-config'
import { keepsTheContract, learnTasks, patternImages, patternTask, pilotConfig, tinyBackbone } from '@pilotjs/testing'
import { min, tidy } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { classRanges } from './class-ranges'
import { duct } from './duct'

const quick = { epochs: 1, retrainEpochs: 1, slowEpochs: 0, batchSize: 10, learningRate: 0.3, backboneScale: 0.1 }
const tasks = [patternTask(0, [0, 1]), patternTask(1, [2, 3])]

/** What a learner holds after these tasks, by name, and what `use` made of it. */
async function learned<T = undefined>(
  options: Parameters<typeof duct>[0],
  stream = tasks,
  use: (learner: Learner) => T | Promise<T> = () => undefined as T,
): Promise<{ values: Record<string, number[]>; used: T }> {
  const backbone = tinyBackbone()
  const learner = duct({ ...quick, ...options }).create({ backbone, seed: 1 })
  await learnTasks(learner, stream, { seed: 1 })
  const { tensors } = learner.state()
  const values = Object.fromEntries(Object.entries(tensors).map(([name, own]) => [name, Array.from(own.dataSync())]))
  const used = await use(learner)
  learner.dispose()
  backbone.dispose()
  return { values, used }
}

const width = 16
const row = (values: Record<string, number[]>, label: number) =>
  values['head.weight']!.slice(label * width, (label + 1) * width)
const size = (values: readonly number[]) => Math.hypot(...values)
const net = (values: Record<string, number[]>) =>
  Object.entries(values).flatMap(([name, own]) => (name.startsWith('net.') ? own : []))
/** How far a network is from the pre-trained one, weight by weight. */
function moved(values: Record<string, number[]>): number[] {
  const backbone = tinyBackbone()
  const start = Object.fromEntries(
    Object.entries(backbone.parameters).map(([name, own]) => [`net.${name}`, Array.from(own.dataSync())]),
  )
  backbone.dispose()
  const base = net(
    Object.fromEntries(Object.keys(values).flatMap((name) => (start[name] ? [[name, start[name]]] : []))),
  )
  return net(values).map((value, i) => value - base[i]!)
}

/** The lowest of all nearest-mean scores. */
async function lowestScore(learner: Learner): Promise<number> {
  const images = patternImages([0, 1, 2, 3], 'exam')
  let lowest = 0
  for await (const batch of images.batches({ size: 4, view: 'eval' })) {
    lowest = tidy(() => min(learner.readings.nearestMean!(learner.extractor.apply(batch.images))).dataSync()[0]!)
    batch.dispose()
  }
  return lowest
}

describe('duct', () => {
  keepsTheContract(duct, { ...quick, epochs: 3, batchSize: 5 })

  it('adds up what tasks changed, by how alike classes stayed', async () => {
    // Trained anew, the head would carry on what the merged network was like.
    const share = async (mergeShare: number) => moved((await learned({ mergeShare, retrainEpochs: 0 })).values)
    const [half, all] = [await share(0.5), await share(1)]
    expect(size(all)).toBeGreaterThan(0.01)
    half.forEach((value, i) => expect(value).toBeCloseTo(all[i]! / 2, 5))
  })

  it('follows trained networks with a moving average, too', async () => {
    const average = { merging: 'average', retrainEpochs: 0 } as const
    const one = moved((await learned({ ...average, mergeShare: 0.5 }, tasks.slice(0, 1))).values)
    const both = moved((await learned({ ...average, mergeShare: 0.5 })).values)
    // The second network is trained from the pre-trained one, whatever has been merged.
    const second = moved((await learned({ ...average, mergeShare: 1 })).values)
    expect(size(one)).toBeGreaterThan(0.01)
    both.forEach((value, i) => expect(value).toBeCloseTo((one[i]! + second[i]!) / 2, 5))
  })

  it('mixes rows of new classes into those of old ones', async () => {
    const [apart, mixed] = [(await learned({ headShare: 0 })).values, (await learned({ headShare: 1 })).values]
    for (const label of [2, 3]) expect(row(mixed, label)).toEqual(row(apart, label))
    // Every old row is a sum of the new ones whose weights, its share of the mass, add up to a half.
    const whole = [0, 1].map((label) => row(mixed, label)).reduce((a, b) => a.map((value, i) => value + b[i]!))
    const sum = [2, 3].map((label) => row(apart, label)).reduce((a, b) => a.map((value, i) => value + b[i]!))
    whole.forEach((value, i) => expect(value).toBeCloseTo(sum[i]! / 2, 5))
  })

  it('knows which task brought a class where PILOT takes all tasks to be as large as the newest', async () => {
    expect(classRanges([2, 1, 3])).toEqual([[0, 1], [2], [3, 4, 5]])
    const uneven = [patternTask(0, [0, 1]), patternTask(1, [2], 2)]
    const { values } = await learned({ headShare: 1, regularization: 1 }, uneven)
    // Both old classes get the one new row, half of it each.
    for (const label of [0, 1])
      row(values, label).forEach((value, i) => expect(value).toBeCloseTo(row(values, 2)[i]! / 2, 5))
  })

  it('keeps old rows, and means of length 1, where PILOT overwrites rows and takes means as long as they are', async () => {
    const paper = await learned({}, tasks, lowestScore)
    const pilot = await learned({ compat: 'pilot' }, tasks, lowestScore)
    for (const label of [0, 1]) {
      expect(size(row(paper.values, label))).toBeLessThan(10)
      expect(size(row(pilot.values, label))).toBeGreaterThan(1e6)
    }
    // Unit vectors are two apart at most.
    expect(paper.used).toBeGreaterThanOrEqual(-4.0001)
    expect(pilot.used).toBeLessThan(-4.1)
  })

  it('begins the first task’s rows at random with PILOT, too: only later ones start as zeros', async () => {
    const first = tasks.slice(0, 1)
    const [paper, pilot] = [await learned({}, first), await learned({ compat: 'pilot' }, first)]
    expect(pilot.values).toEqual(paper.values)
  })

  it('reads PILOT’s exps/duct.json', () => {
    const config = pilotConfig({
      prefix: '',
      model_name: 'duct',
      backbone_type: 'vit_base_patch16_224',
      merge_scalar: 0.25,
      head_merge_ratio: 0.25,
      lr_re: 0.001,
      epc_re: 5,
      bcb_lr_scale: 0.01,
      epochs: 10,
      lrate: 0.1,
      ot_reg: 0.02,
      milestones: [60, 100, 140],
      lrate_decay: 0.1,
      weight_decay: 0.0005,
      batch_size: 128,
      num_workers: 16,
    })
    const read = (change: object) => readPilotConfig({ ...config, ...change }, duct).options
    expect(read({})).toEqual(duct().options)
    expect(read({ continual_merge: true, epc_init: 3 })).toMatchObject({ merging: 'average', baseEpochs: 3 })
    // PILOT takes a zero for nothing.
    expect(read({ merge_scalar: 0, head_merge_ratio: 0, epc_init: 0 })).toEqual(
      duct({ mergeShare: 0.99, headShare: 0.5 }).options,
    )
    const { merge_scalar, ...without } = config
    expect(merge_scalar).toBe(0.25)
    expect(readPilotConfig(without, duct).options.mergeShare).toBe(0.99)
    expect(() => read({ cls_fixed: true })).toThrow(/cls_fixed.*domains/s)
  })
})
