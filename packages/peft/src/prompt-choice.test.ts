import { createRng } from '@pilotjs/core/random'
import type { Task } from '@pilotjs/core'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, describe, expect, it } from 'vitest'
import { promptChoice } from './prompt-choice'
import { promptRecipe } from './prompt-options'
import type { PromptPoolChoices } from './prompt-options'
import { promptPool } from './prompt-pool'

/** A pool of four whose keys lie along the axes. */
const pool = promptPool({ size: 4, length: 1, width: 4, rng: createRng(1) })
tf.tidy(() => pool.variables().prompt_key!.assign(tf.eye(4)))
/** Two images like key 2, one like key 0. */
const queries = tf.tensor2d([0, 0, 9, 1, 0, 1, 9, 0, 9, 0, 0, 1], [3, 4])
afterAll(() => {
  pool.dispose()
  queries.dispose()
})

const task = (index: number) => ({ index }) as Task
const choiceOf = (changes: Partial<PromptPoolChoices> = {}) =>
  promptChoice(pool, {
    compat: 'paper',
    topK: 1,
    batchVote: true,
    taskPrompts: false,
    sharePrompts: false,
    shareKeys: false,
    ...changes,
  })
const read = (ids: () => tf.Tensor2D) => tf.tidy(() => ids().arraySync())

describe('promptChoice', () => {
  it('lets a batch vote while it trains, and scores each image for itself', () => {
    expect(read(() => choiceOf().inTraining(task(0), queries))).toEqual([[2], [2], [2]])
    expect(read(() => choiceOf().inScoring(queries))).toEqual([[2], [2], [0]])
    expect(read(() => choiceOf({ batchVote: false }).inTraining(task(0), queries))).toEqual([[2], [2], [0]])
  })

  it('lets a batch vote when it is scored only as PILOT does', () => {
    expect(read(() => choiceOf({ compat: 'pilot' }).inScoring(queries))).toEqual([[2], [2], [2]])
    expect(read(() => choiceOf({ compat: 'pilot', batchVote: false }).inScoring(queries))).toEqual([[2], [2], [0]])
  })

  it('gives a task prompts of its own while the pool lasts', () => {
    const choice = choiceOf({ taskPrompts: true, topK: 2 })
    expect(read(() => choice.inTraining(task(1), queries))).toEqual([
      [2, 3],
      [2, 3],
      [2, 3],
    ])
    expect(read(() => choice.inTraining(task(2), queries))[0]).toContain(2)
  })

  it('lets a task begin where the last one ended, if asked to', () => {
    const prompts = () => pool.variables().prompt!.arraySync() as number[][][]
    const before = prompts()
    choiceOf().begin(task(1))
    expect(prompts()).toEqual(before)
    choiceOf({ sharePrompts: true }).begin(task(0))
    choiceOf({ sharePrompts: true }).begin(task(4))
    expect(prompts()).toEqual(before)
    choiceOf({ sharePrompts: true }).begin(task(1))
    expect(prompts()).toEqual([before[0], before[0], before[2], before[3]])
  })
})

describe('promptRecipe', () => {
  it('keeps the first rate in later tasks only as PILOT does', () => {
    const options = { epochs: 1, batchSize: 1, learningRate: 1, schedule: 'cosine', resetSchedule: true } as const
    const scheduleOf = (compat: 'paper' | 'pilot', index: number) =>
      promptRecipe({ ...options, compat }, task(index)).schedule
    expect([scheduleOf('paper', 1), scheduleOf('pilot', 0), scheduleOf('pilot', 1)]).toEqual([
      'cosine',
      'cosine',
      'constant',
    ])
  })
})
