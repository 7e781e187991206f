import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import type { Backbone } from '../contracts/backbone'
import { prototypeHead } from '../heads/prototype-head'
import { points, recordingContext } from '../testing/points'
import { defineLearner } from './define-learner'
import { defineMethod } from './define-method'

const drawn: number[] = []
const sample = defineMethod({
  name: 'sample',
  family: 'prototype',
  paper: { title: 'Sample', venue: 'none', url: 'https://example.org' },
  options: z
    .object({ poolSize: z.int().positive().default(10), topK: z.int().positive().default(5) })
    .refine(({ poolSize, topK }) => topK <= poolSize, { path: ['topK'], message: 'is more than poolSize' }),
  create({ options, rng }) {
    drawn.push(rng.uniform())
    const head = prototypeHead({ width: 3, rng })
    return defineLearner(
      { head },
      {
        learn: (task) => Promise.resolve(head.grow(task.classesAfter)),
        extractor: { width: 3, apply: (images) => tf.reshape(images, [-1, 3]) },
        readings: { head: (features) => tf.mul(head.apply(features), options.topK) },
      },
    )
  },
})
const backbone = {} as Backbone

describe('defineMethod', () => {
  it('is called with options, checked and filled in', () => {
    expect(sample().options).toEqual({ poolSize: 10, topK: 5 })
    expect(sample({ topK: 2 })).toMatchObject({ method: sample, options: { poolSize: 10, topK: 2 } })
    expect([sample.name, sample.family, sample.accepts.unknownTotal]).toEqual(['sample', 'prototype', true])
  })

  it('refuses what is no option with the nearest name, and every wrong value, in one message', () => {
    const wrong = { poolsize: 3, topK: 0 } as { topK: number }
    const attempt = () => sample(wrong)
    expect(attempt).toThrow(/^sample: .*poolsize is no option; did you mean "poolSize"\?/)
    expect(attempt).toThrow(/topK: /)
    expect(() => sample({ topK: 11 })).toThrow(/topK: is more than poolSize/)
    expect(() => sample.options.parse({ epoch: 5 })).toThrow(/epoch/)
    try {
      attempt()
    } catch (error) {
      expect(error).toMatchObject({ code: 'invalid-options', facts: { method: 'sample' } })
    }
  })

  it('draws the same numbers for the same seed', () => {
    drawn.length = 0
    for (const seed of [1993, 1993, 7]) sample().create({ backbone, seed }).dispose()
    expect(drawn[1]).toBe(drawn[0])
    expect(drawn[2]).not.toBe(drawn[0])
  })

  it('refuses tasks that it does not accept', async () => {
    const learner = sample().create({ backbone, seed: 1 })
    const first = { index: 0, classes: [0], classesBefore: 0, classesAfter: 1, train: points([0]) }
    await learner.learn(first, recordingContext())
    const again = { ...first, index: 1, classesBefore: 1 }
    await expect(learner.learn(again, recordingContext())).rejects.toMatchObject({ code: 'task-refused' })
    learner.dispose()
  })
})
