import { readPilotConfig } from '@pilotjs/core/pilot-config'
import type { LearnContext, Task } from '@pilotjs/core'
import { contextOf, keepsTheContract, patternTask, pilotConfig, tinyBackbone } from '@pilotjs/testing'
import { describe, expect, it } from 'vitest'
import { coil } from './coil'

const quick = { epochs: 3, batchSize: 5, learningRate: 0.1, memorySize: 12 }
const tasks = [patternTask(0, [0, 1]), patternTask(1, [2, 3]), patternTask(2, [4, 5])]

/** What a learner recalls while it learns these tasks, and how its head starts in each. */
async function learned(options: Parameters<typeof coil>[0], own: readonly Task[] = tasks) {
  const backbone = tinyBackbone()
  const learner = coil({ ...quick, ...options }).create({ backbone, seed: 1 })
  const recalled: number[][] = []
  const starts: number[][][] = []
  const context = contextOf(tasks, {
    seed: 1,
    onProgress(event) {
      const weight = learner.state().tensors['head.weight']
      if (event.kind === 'phase' && weight) starts.push(weight.arraySync() as number[][])
    },
  })
  for (const task of own) {
    const counts: number[] = []
    recalled.push(counts)
    const plain: LearnContext = context(task)
    const recall: LearnContext['recall'] = (keys, labels) => {
      counts.push(keys.length)
      return plain.recall(keys, labels)
    }
    await learner.learn(task, { ...plain, recall })
  }
  const state = learner.state()
  const keys = (state.json.everyKey as string[][]).map((each) => each.length)
  const end = state.tensors['head.weight']!.arraySync() as number[][]
  learner.dispose()
  backbone.dispose()
  return { recalled, starts, keys, end }
}

describe('coil', () => {
  keepsTheContract(coil, quick)

  it('starts rows of new classes as mixtures of old ones, as long on average', async () => {
    const { starts, keys } = await learned({ epochs: 1 })
    const lengths = starts[1]!.map((row) => Math.hypot(...row))
    expect(lengths[2]! + lengths[3]!).toBeCloseTo(lengths[0]! + lengths[1]!, 4)
    // Both new rows lie in the plane of the two old ones.
    const [a, b, fresh] = starts[1]!
    const inner = (x: number[], y: number[]) => x.reduce((sum, value, i) => sum + value * y[i]!, 0)
    const gram = [inner(a!, a!), inner(a!, b!), inner(b!, b!)] as const
    const determinant = gram[0] * gram[2] - gram[1] ** 2
    const [p, q] = [inner(fresh!, a!), inner(fresh!, b!)]
    const [u, v] = [(p * gram[2] - q * gram[1]) / determinant, (q * gram[0] - p * gram[1]) / determinant]
    fresh!.forEach((value, i) => expect(value).toBeCloseTo(u * a![i]! + v * b![i]!, 4))
    expect(keys).toEqual([])
  })

  it('looks at exemplars only; with compat pilot, as PILOT, at all earlier images', async () => {
    const most = ({ recalled }: { recalled: number[][] }) => recalled.map((counts) => Math.max(0, ...counts))
    expect(most(await learned({ epochs: 1 }))).toEqual([0, 12, 12])
    const pilot = await learned({ epochs: 1, compat: 'pilot' })
    expect(most(pilot)).toEqual([0, 20, 40])
    expect(pilot.keys).toEqual([10, 10, 10, 10, 10, 10])
  })

  it('lets old rows be told by new ones from the second epoch on', async () => {
    const two = tasks.slice(0, 2)
    const end = async (epochs: number, retrospectiveWeight: number) =>
      (await learned({ epochs, retrospectiveWeight }, two)).end
    expect(await end(2, 10)).not.toEqual(await end(2, 0))
    expect(await end(1, 10)).toEqual(await end(1, 0))
  })

  it('reads PILOT’s exps/coil.json', () => {
    const config = pilotConfig({
      memory_size: 2000,
      memory_per_class: 20,
      epochs: 10,
      sinkhorn: 0.464,
      calibration_term: 1.5,
      norm_term: 3.0,
      reg_term: 1e-3,
      model_name: 'coil',
      backbone_type: 'vit_base_patch16_224',
      lrate: 1e-3,
      milestones: [80, 120],
      lrate_decay: 0.1,
      batch_size: 64,
      T: 2,
    })
    const { options, ignored } = readPilotConfig(config, coil)
    expect(options).toEqual(coil().options)
    expect(ignored.map(({ key }) => key)).toContain('calibration_term')
    const changed = { ...config, sinkhorn: 0.2, reg_term: 0.1, norm_term: 2, epochs: 3 }
    expect(readPilotConfig(changed, coil).options).toMatchObject({
      sinkhornRegularization: 0.2,
      retrospectiveWeight: 0.1,
      distancePower: 2,
      epochs: 3,
    })
  })
})
