import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import type { Task } from '../contracts/task'
import { points } from '../testing/points'
import { optimizerOf, recipeOptions, scheduleOf, stagedRecipe, stagedRecipeOptions } from './recipe'

const at = { epoch: 1, epochs: 4, step: 0, stepsPerEpoch: 1 }
const task = (index: number): Task => ({ index, classes: [], classesBefore: 0, classesAfter: 0, train: points([]) })

describe('recipeOptions', () => {
  const schema = z.object(recipeOptions({ epochs: 4, batchSize: 16, learningRate: 0.2, weightDecay: 5e-4 }))

  it('has defaults and refuses what makes no sense', () => {
    const options = schema.parse({})
    expect(options).toMatchObject({ epochs: 4, batchSize: 16, optimizer: 'sgd', schedule: 'cosine', milestones: [] })
    for (const wrong of [{ epochs: 1.5 }, { batchSize: 0 }, { learningRate: -1 }, { optimizer: 'lion' }]) {
      expect(schema.safeParse(wrong).success).toBe(false)
    }
  })

  it('reads as what train takes', () => {
    const told = (changes: object) => {
      const recipe = schema.parse(changes)
      const optimizer = optimizerOf(recipe)
      return [
        recipe.epochs,
        optimizer.learningRate,
        optimizer.weightDecay,
        scheduleOf(recipe)(optimizer.learningRate, at),
      ]
    }
    expect(told({ schedule: 'constant', optimizer: 'adam' })).toEqual([4, 0.2, 5e-4, 0.2])
    expect(told({ minimumLearningRate: 0.1, epochs: 9 })[3]).toBeCloseTo(0.1 + (0.1 * (1 + Math.SQRT1_2)) / 2, 10)
    expect(told({ schedule: 'multiStep', milestones: [1], learningRateDecay: 0.5 })[3]).toBeCloseTo(0.1, 10)
  })
})

describe('optimizerOf', () => {
  it('names the optimizers there are, and takes one that is none of them', () => {
    const recipe = { epochs: 1, batchSize: 1, learningRate: 0.3, weightDecay: 0.1 }
    expect(() => optimizerOf({ ...recipe, optimizer: 'lion' })).toThrow(
      'no optimizer "lion"; there are sgd, adam, adamw',
    )
    const lion = { name: 'lion', description: 'of my own', create: () => optimizerOf(recipe) }
    expect(optimizerOf({ ...recipe, optimizer: lion })).toMatchObject({ learningRate: 0.3, weightDecay: 0.1 })
  })
})

describe('scheduleOf', () => {
  it('names the schedules there are, and takes one that is none of them', () => {
    const recipe = { epochs: 4, batchSize: 1, learningRate: 0.3 }
    expect(() => scheduleOf({ ...recipe, schedule: 'stairs' })).toThrow(
      'no schedule "stairs"; there are constant, cosine, multiStep',
    )
    expect(scheduleOf({ ...recipe, schedule: (rate) => rate / 3 })(0.3, at)).toBeCloseTo(0.1, 10)
    expect(z.object(recipeOptions(recipe)).safeParse({ schedule: 'stairs' }).success).toBe(false)
  })
})

describe('stagedRecipeOptions', () => {
  const stage = { epochs: 2, learningRate: 0.1, milestones: [1], learningRateDecay: 0.1, weightDecay: 0 }
  const schema = z.object(
    stagedRecipeOptions({ batchSize: 8, base: { ...stage, weightDecay: 5e-4 }, increment: { ...stage, epochs: 3 } }),
  )

  it('has a stage for the first task and one for the others', () => {
    const options = schema.parse({ baseLearningRate: 0.4 })
    const [base, later] = [stagedRecipe(options, task(0)), stagedRecipe(options, task(2))]
    expect([base.epochs, base.learningRate, base.weightDecay]).toEqual([2, 0.4, 5e-4])
    expect([later.epochs, later.learningRate, later.weightDecay]).toEqual([3, 0.1, 0])
    expect(scheduleOf(base)(0.4, at)).toBeCloseTo(0.04, 10)
  })
})
