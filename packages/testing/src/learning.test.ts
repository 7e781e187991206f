import { defineLearner, network } from '@pilotjs/core'
import { linearHead } from '@pilotjs/core/heads'
import { createRng } from '@pilotjs/core/random'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { contextOf, learnTasks, savedState, scoresAloneAndTogether, scoresOf } from './learning'
import { patternImages, patternTask, tinyBackbone } from './patterns'

const tasks = [patternTask(0, [0, 1]), patternTask(1, [2], 2)]

describe('contextOf', () => {
  it('brings images of all tasks back by their keys', () => {
    const [first, second] = tasks.map(({ train }) => train)
    const recalled = contextOf(tasks, { seed: 1 })(tasks[1]!).recall([second!.key(3), first!.key(4)], [2, 0])
    expect([recalled.key(0), recalled.key(1)]).toEqual([second!.key(3), first!.key(4)])
    expect([...recalled.labels]).toEqual([2, first!.labels[4]])
    expect(() => contextOf(tasks, { seed: 1 })(tasks[1]!).recall(['nobody'], [0])).toThrow(/the key nobody/)
  })
})

describe('a learner in a test', () => {
  it('learns tasks in order, scores as numbers, and gives a state of its own', async () => {
    const backbone = tinyBackbone()
    const before = tf.memory().numTensors
    const { extractor, width } = network({ backbone })
    const head = linearHead({ width, rng: createRng(1) })
    const learned: number[] = []
    const learner = defineLearner(
      { head },
      {
        learn(task) {
          head.grow(task.classesAfter)
          learned.push(task.index)
          return Promise.resolve()
        },
        extractor,
        readings: { head: head.apply },
      },
    )
    await learnTasks(learner, tasks, { seed: 1 })
    expect(learned).toEqual([0, 1])
    const { shape, values } = await scoresOf(learner, patternImages([0, 1], 'exam'))
    expect(shape).toEqual([2, 3])
    expect(values).toHaveLength(6)
    const { alone, together } = await scoresAloneAndTogether(learner, [1, 2])
    expect(alone).toHaveLength(3)
    alone.forEach((score, i) => expect(together[i]).toBeCloseTo(score, 4))

    const state = await savedState(learner)
    const weight = Array.from(await state.tensors['head.weight']!.data())
    tf.tidy(() => head.setRows([0, 1, 2], tf.zeros([3, width])))
    expect(Array.from(await state.tensors['head.weight']!.data())).toEqual(weight)
    expect(weight.some((value) => value !== 0)).toBe(true)
    tf.dispose(state.tensors as Record<string, tf.Tensor>)
    learner.dispose()
    expect(tf.memory().numTensors).toBe(before)
    backbone.dispose()
  })
})
