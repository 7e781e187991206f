import { defineLearner, defineMethod, network } from '@pilotjs/core'
import { featuresOf } from '@pilotjs/core/features'
import { prototypeHead } from '@pilotjs/core/heads'
import { valuePart } from '@pilotjs/core/parts'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { contractOf, keepsTheContract, keepsTheContractInShort } from './keeps-the-contract'
import { promiseInShort } from './promise-in-short'

const faults = ['none', 'leaks', 'forgets', 'draws', 'waits', 'repeats', 'unlearns', 'mixes'] as const

/** Tensors that a faulty method lets lie around: they are let go here. */
const leaked: tf.Tensor[] = []
afterAll(() => tf.dispose(leaked))

/** Class means, with a fault that one promise must find. */
const means = defineMethod({
  name: 'means',
  family: 'prototype',
  paper: { title: 'none', venue: 'none', url: 'https://example.org' },
  options: z.object({ fault: z.enum(faults).default('none') }),
  accepts: { moreImages: true, online: true, removeClass: true, mergeClasses: true },
  create({ backbone, options: { fault }, rng }) {
    const { extractor, width } = network({ backbone })
    const head = prototypeHead({ width, rng })
    /** What a task has found; a method that forgets keeps it where no state sees it. */
    const noted = valuePart<number>(0)
    let unsaved = 0
    return defineLearner(
      { head, noted },
      {
        async learn(task, context) {
          if (fault === 'repeats') head.reset(task.classesAfter)
          else head.grow(task.classesAfter)
          const features = await featuresOf(task.train, extractor, context)
          if (fault === 'waits') noted.value = features.dataSync().length
          head.learn(features, task.train.labels)
          features.dispose()
          if (fault === 'leaks') leaked.push(tf.zeros([1]))
          unsaved++
        },
        extractor,
        readings: {
          head(features) {
            const scores = head.apply(features)
            if (fault === 'forgets') return tf.add(scores, unsaved)
            return fault === 'draws' ? tf.add(scores, Math.random()) : scores
          },
        },
        removeClass: (label) => head.remove(fault === 'unlearns' ? 0 : label),
        mergeClasses: (into, from) => (fault === 'mixes' ? head.remove(from) : head.merge(into, from)),
      },
    )
  },
})

/** The promises that the method breaks. */
async function broken(fault: (typeof faults)[number]): Promise<string[]> {
  const promises: string[] = []
  for (const { promise, check } of contractOf(means, { fault }))
    await check().catch((error: Error) => {
      expect(error.name, String(error)).toBe('AssertionError')
      promises.push(promise)
    })
  return promises
}

describe('a method without a fault', () => {
  keepsTheContract(means, {})
  keepsTheContractInShort(means, {})
})

describe('keepsTheContract', () => {
  it.each([
    ['leaks', 'leaves no tensor behind'],
    ['forgets', 'goes on from a saved state bit for bit'],
    ['draws', 'gives the same numbers for the same seed'],
    ['waits', 'waits for no tensor'],
    ['repeats', 'learns many small tasks as it learns one large one'],
    ['unlearns', 'unlearns a class as if it had never been there'],
    ['mixes', 'makes two classes one as if they had been taught so'],
  ] as const)('finds a method that %s', async (fault, promise) => {
    expect(await broken(fault)).toContainEqual(expect.stringContaining(promise))
  })

  it.each(['leaks', 'forgets', 'draws', 'waits'] as const)('in short finds a method that %s, too', async (fault) => {
    await expect(promiseInShort(means, { fault }).check()).rejects.toThrow()
  })

  it('finds a method that takes other tasks than it says', async () => {
    const accepts = { ...means.accepts, moreImages: false, removeClass: false, mergeClasses: false }
    const silent = Object.defineProperty(means.bind(null), 'accepts', { value: accepts }) as typeof means
    const promises = contractOf(silent, {}).filter(({ promise }) => /more images|unlearn|two classes/.test(promise))
    expect(promises.map(({ promise }) => promise)).toEqual([
      'refuses more images of classes it knows',
      'has no way to unlearn a class',
      'has no way to make two classes one',
    ])
    for (const { check } of promises) await expect(check()).rejects.toThrow()
  })
})
