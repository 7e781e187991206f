import * as tf from '@tensorflow/tfjs-core'
import type { Tensor4D } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import type { Task } from '../contracts/task'
import { linearHead } from '../heads/linear-head'
import { prototypeHead } from '../heads/prototype-head'
import { partList } from '../parts/part-list'
import { weightsPart } from '../parts/part'
import { createRng } from '../random/rng'
import { points, recordingContext } from '../testing/points'
import { defineLearner } from './define-learner'
import { announcePhase } from './phase'

const task = (index: number, changes: Partial<Task> = {}): Task => ({
  index,
  classes: [index],
  classesBefore: index,
  classesAfter: index + 1,
  train: points([index, index]),
  ...changes,
})

function makeLearner() {
  const rng = createRng(1)
  const start = tf.zeros([3])
  const body = weightsPart({ 'norm.bias': start })
  start.dispose()
  const head = prototypeHead({ width: 3, rng })
  const extras = partList((index) => linearHead({ width: 3, rng, label: `extra.${index}` }))
  return defineLearner(
    { body, head, extras },
    {
      async learn(task, context) {
        head.grow(task.classesAfter)
        extras.add().grow(2)
        announcePhase(context, 'prototypes')
        for await (const batch of task.train.batches({ size: 9, view: 'eval' })) {
          tf.tidy(() => head.learn(tf.reshape(batch.images, [-1, 3]), task.train.labels))
          batch.dispose()
        }
      },
      extractor: {
        width: 3,
        apply: (images) => tf.reshape(tf.add(images, body.variables()['norm.bias']!), [-1, 3]),
      },
      readings: {
        head: head.apply,
        // Room for more classes than are known: the learner cuts it off.
        roomy: (features) =>
          tf.pad(head.apply(features), [
            [0, 0],
            [0, 5],
          ]),
      },
      removeClass: head.remove,
      mergeClasses: (into, from) => head.merge(into, from),
    },
  )
}

const image = () => tf.tensor4d([0.3, -1, 2], [1, 1, 1, 3]) as Tensor4D
const codeOf = (attempt: () => unknown) => {
  try {
    attempt()
  } catch (error) {
    return (error as { code?: string }).code
  }
  return undefined
}

describe('defineLearner', () => {
  it('keeps all tensors under the names of their parts, and shows them when a phase is announced', async () => {
    const learner = makeLearner()
    const shown: string[][] = []
    const context = recordingContext()
    await learner.learn(task(0), {
      ...context,
      report: (event) => void (event.kind === 'phase' && shown.push(Object.keys(learner.state().tensors))),
    })
    expect(shown).toEqual([['body.norm.bias', 'head.weight', 'head.sigma', 'extras.0.weight', 'extras.0.bias']])
    learner.dispose()
  })

  it('comes back from its state bit for bit and goes on alike', async () => {
    const scores = (learner: ReturnType<typeof makeLearner>) =>
      tf.tidy(() => Array.from(learner.score(image()).dataSync()))
    const [whole, resumed] = [makeLearner(), makeLearner()]
    for (const index of [0, 1]) await whole.learn(task(index), recordingContext())
    const { tensors, json } = whole.state()
    expect(json).toEqual({ learned: { tasks: 2, classes: 2 }, head: { counts: [2, 2] }, extras: [null, null] })
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
  })

  it('restores a fresh start over what was learned, and leaves no tensor behind', async () => {
    const before = tf.memory().numTensors
    const [learner, fresh] = [makeLearner(), makeLearner()]
    await learner.learn(task(0, { train: points([0]) }), recordingContext())
    learner.restore(fresh.state())
    expect(Object.keys(learner.state().tensors)).toEqual(['body.norm.bias'])
    expect(codeOf(() => learner.score(image()))).toBe('nothing-learned')
    learner.dispose()
    fresh.dispose()
    tf.disposeVariables()
    expect(tf.memory().numTensors).toBeLessThanOrEqual(before + 1)
  })

  it('refuses states that are of another learner, or damaged', async () => {
    const learner = makeLearner()
    await learner.learn(task(0), recordingContext())
    const { tensors, json } = learner.state()
    const { 'head.sigma': sigma, ...others } = tensors
    expect(codeOf(() => learner.restore({ tensors: { ...others, 'fc.sigma': sigma! }, json }))).toBe('invalid-state')
    expect(codeOf(() => makeLearner().restore({ tensors, json: { head: json.head! } }))).toBe('invalid-state')
    learner.dispose()
  })

  it('cuts readings to the classes that are known, and unlearns one', async () => {
    const learner = makeLearner()
    for (const index of [0, 1, 2]) await learner.learn(task(index), recordingContext())
    const widthOf = (name: string) => tf.tidy(() => learner.readings[name]!(tf.zeros<tf.Rank.R2>([1, 3])).shape[1])
    expect([widthOf('head'), widthOf('roomy')]).toEqual([3, 3])
    await learner.removeClass!(1)
    expect([widthOf('head'), widthOf('roomy')]).toEqual([2, 2])
    await expect(learner.removeClass!(2)).rejects.toMatchObject({ code: 'unknown-class' })
    await expect(learner.mergeClasses!(1, 1)).rejects.toMatchObject({ code: 'unknown-class' })
    await learner.mergeClasses!(0, 1)
    expect([widthOf('head'), widthOf('roomy')]).toEqual([1, 1])
    learner.dispose()
  })

  it.each([
    ['no images', { train: points([]) }, /has no training images/],
    ['a gap in its labels', { classes: [0, 2], classesAfter: 3, train: points([0, 2]) }, /without a gap/],
    [
      'images of a class it does not name',
      { train: points([0, 1]) },
      /images of class 1, which its `classes` do not name/,
    ],
    ['a class without images', { classes: [0, 1], classesAfter: 2 }, /no training image of class 1/],
    ['another place in the stream', { index: 1 }, /the next one is task 0/],
    ['another past', { classesBefore: 1 }, /the learner knows 0/],
    ['a wrong count', { classesAfter: 4 }, /4 classes are known after it, but brings 1 to 0/],
  ] as const)('refuses a task with %s', async (_, changes, message) => {
    const learner = makeLearner()
    const refused = learner.learn(task(0, changes), recordingContext())
    await expect(refused).rejects.toThrow(message)
    await expect(refused).rejects.toMatchObject({ code: 'invalid-task' })
    learner.dispose()
  })

  it('does not begin when already aborted', async () => {
    const learner = makeLearner()
    const signal = AbortSignal.abort(new Error('too late'))
    await expect(learner.learn(task(0), recordingContext({ signal }))).rejects.toThrow('too late')
    expect(learner.state().json.learned).toEqual({ tasks: 0, classes: 0 })
    learner.dispose()
  })
})
