import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Task } from '../contracts/task'
import { points } from '../testing/points'
import { fit, fitStage, fitting, stagedFitting } from './fitting'

const at = { epoch: 1, epochs: 4, step: 0, stepsPerEpoch: 1 }
const task = (index: number): Task => ({ index, classes: [], classesBefore: 0, classesAfter: 0, train: points([]) })

describe('fitting', () => {
  const schema = z.object(fitting({ epochs: 4, batchSize: 16, learningRate: 0.2, weightDecay: 5e-4 }))

  it('has defaults and refuses what makes no sense', () => {
    const options = schema.parse({})
    expect(options).toMatchObject({ epochs: 4, batchSize: 16, optimizer: 'sgd', schedule: 'cosine', milestones: [] })
    for (const wrong of [{ epochs: 1.5 }, { batchSize: 0 }, { learningRate: -1 }, { optimizer: 'lion' }]) {
      expect(schema.safeParse(wrong).success).toBe(false)
    }
  })

  it('reads as what train takes', () => {
    const told = (changes: object) => {
      const { epochs, optimizer, schedule } = fit(schema.parse(changes))
      return [epochs, optimizer.learningRate, optimizer.weightDecay, schedule(optimizer.learningRate, at)]
    }
    expect(told({ schedule: 'constant', optimizer: 'adam' })).toEqual([4, 0.2, 5e-4, 0.2])
    expect(told({ minimumLearningRate: 0.1, epochs: 9 })[3]).toBeCloseTo(0.1 + (0.1 * (1 + Math.SQRT1_2)) / 2, 10)
    expect(told({ schedule: 'multiStep', milestones: [1], learningRateDecay: 0.5 })[3]).toBeCloseTo(0.1, 10)
  })
})

describe('stagedFitting', () => {
  const stage = { epochs: 2, learningRate: 0.1, milestones: [1], learningRateDecay: 0.1, weightDecay: 0 }
  const schema = z.object(
    stagedFitting({ batchSize: 8, base: { ...stage, weightDecay: 5e-4 }, increment: { ...stage, epochs: 3 } }),
  )

  it('has a stage for the first task and one for the others', () => {
    const options = schema.parse({ baseLearningRate: 0.4 })
    const [base, later] = [fitStage(options, task(0)), fitStage(options, task(2))]
    expect([base.epochs, base.optimizer.learningRate, base.optimizer.weightDecay]).toEqual([2, 0.4, 5e-4])
    expect([later.epochs, later.optimizer.learningRate, later.optimizer.weightDecay]).toEqual([3, 0.1, 0])
    expect(base.schedule(0.4, at)).toBeCloseTo(0.04, 10)
  })
})
