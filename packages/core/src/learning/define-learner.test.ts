import * as tf from '@tensorflow/tfjs-core'
import type { Tensor4D } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import type { LearnContext } from '../contracts/learner'
import type { Task } from '../contracts/task'
import { linearHead } from '../heads/linear-head'
import { prototypeHead } from '../heads/prototype-head'
import { createRng } from '../random/rng'
import { points, recordingContext } from '../testing/points'
import { announce, defineLearner } from './define-learner'
import { partList, weightsPart } from './part'

const task = (index: number): Task => ({
  index,
  classes: [index],
  classesBefore: index,
  classesAfter: index + 1,
  train: points([index, index]),
})

function makeLearner(calls: string[] = []) {
  const rng = createRng(1)
  const start = tf.zeros([3])
  const body = weightsPart({ prefix: 'backbone.', tensors: { 'norm.bias': start } })
  start.dispose()
  const head = prototypeHead({ width: 3, rng })
  const extras = partList((index) => linearHead({ width: 3, rng, name: `extra.${index}` }))
  return defineLearner({
    parts: { body, head, extras },
    prepare(task) {
      calls.push('prepare')
      head.grow(task.classesAfter)
      extras.add().grow(2)
    },
    async learn(task, context) {
      calls.push('learn')
      await announce(context, {}, 'prototypes')
      const { images } = (await task.train.batches({ size: 9, view: 'eval' })[Symbol.asyncIterator]().next()).value!
      tf.tidy(() => head.learn(tf.reshape(images, [-1, 3]), task.train.labels))
    },
    finish: () => void calls.push('finish'),
    score: (images) => head.apply(tf.reshape(tf.add(images, body.tensors()['norm.bias']!), [-1, 3])),
  })
}

describe('defineLearner', () => {
  it('prepares, learns, finishes; shows all its variables once they stand', async () => {
    const calls: string[] = []
    const learner = makeLearner(calls)
    const shown: Record<string, string[]> = {}
    const prepared: LearnContext['prepared'] = (variables, phase) => void (shown[phase] = Object.keys(variables))
    await learner.learn(task(0), recordingContext({ prepared }))
    expect(calls).toEqual(['prepare', 'learn', 'finish'])
    expect(shown).toEqual({
      prototypes: ['backbone.norm.bias', 'fc.weight', 'fc.sigma', 'extra.0.weight', 'extra.0.bias'],
    })
    learner.dispose()
  })

  it('comes back from its state bit for bit and goes on alike', async () => {
    const image = tf.tensor4d([0.3, -1, 2], [1, 1, 1, 3])
    const scores = (learner: ReturnType<typeof makeLearner>) =>
      tf.tidy(() => Array.from((learner.score(image as Tensor4D) as tf.Tensor2D).dataSync()))
    const [whole, resumed] = [makeLearner(), makeLearner()]
    for (const index of [0, 1]) await whole.learn(task(index), recordingContext())
    const { tensors, json } = whole.state()
    expect(json).toEqual({ head: { counts: [2, 2] }, extras: [null, null] })
    resumed.restore({ tensors, json: JSON.parse(JSON.stringify(json)) as typeof json })
    expect(Object.keys(resumed.state().tensors).sort()).toEqual(Object.keys(tensors).sort())
    expect(scores(resumed)).toEqual(scores(whole))
    for (const learner of [whole, resumed]) await learner.learn(task(2), recordingContext())
    expect(scores(resumed)).toEqual(scores(whole))
    for (const [name, tensor] of Object.entries(whole.state().tensors)) {
      expect(resumed.state().tensors[name]!.dataSync()).toEqual(tensor.dataSync())
    }
    whole.dispose()
    resumed.dispose()
    image.dispose()
  })

  it('restores a fresh start over what was learned', async () => {
    const learner = makeLearner()
    const fresh = makeLearner()
    await learner.learn(task(0), recordingContext())
    learner.restore(fresh.state())
    expect(Object.keys(learner.state().tensors)).toEqual(['backbone.norm.bias'])
    learner.dispose()
    fresh.dispose()
  })

  it('leaves no tensor behind when disposed', async () => {
    const before = tf.memory().numTensors
    const learner = makeLearner()
    const quiet: Task = { ...task(0), train: points([0]) }
    learner.restore(learner.state())
    expect(quiet.train.length).toBe(1)
    learner.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('refuses two parts that keep the same name', () => {
    const rng = createRng(1)
    const [a, b] = [linearHead({ width: 1, rng }), linearHead({ width: 1, rng })]
    a.grow(1)
    b.grow(1)
    const learner = defineLearner({
      parts: { a, b },
      learn: () => Promise.resolve(),
      score: () => tf.zeros([1, 1]),
    })
    expect(() => learner.state()).toThrow("Part 'b' keeps 'fc.weight', and so does another part")
    learner.dispose()
  })

  it('does not begin when already aborted', async () => {
    const calls: string[] = []
    const learner = makeLearner(calls)
    const signal = AbortSignal.abort(new Error('too late'))
    await expect(learner.learn(task(0), recordingContext({ signal }))).rejects.toThrow('too late')
    expect(calls).toEqual([])
    learner.dispose()
  })
})
