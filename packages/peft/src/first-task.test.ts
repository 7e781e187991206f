import { createContext } from '@pilotjs/core'
import { createVit, initVit } from '@pilotjs/core/backbones'
import { cosineHead } from '@pilotjs/core/heads'
import { arrayImages } from '@pilotjs/core/images'
import { createRng } from '@pilotjs/core/random'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { adaptToFirstTask, firstTaskNetwork, firstTaskOptions, tuningNames } from './first-task'

const config = { imageSize: 8, patchSize: 4, width: 8, depth: 3, heads: 2 }
const vit = createVit(config, initVit(config, createRng(1)))
afterAll(() => vit.dispose())

const optionsFor = (tuning: (typeof tuningNames)[number]) =>
  z.object(firstTaskOptions).parse({ tuning, bottleneck: 2, dropout: 0, promptLength: 2, epochs: 2, batchSize: 4 })
const make = (tuning: (typeof tuningNames)[number]) => firstTaskNetwork(vit, optionsFor(tuning), createRng(3))

describe('firstTaskNetwork', () => {
  it.each(tuningNames)(
    '%s: features that a cache may keep once it is frozen, a name for every state',
    async (tuning) => {
      const before = tf.memory().numTensors
      const [net, other] = [make(tuning), make(tuning)]
      expect(net.extractor.id).toBeUndefined()
      for (const one of [net, other]) one.freeze()
      const first = await net.extractor.id!()
      expect(await other.extractor.id!()).toBe(first)
      const [variable] = Object.values(net.variables())
      tf.tidy(() => variable!.assign(tf.add(variable!, 1)))
      const moved = await net.extractor.id!()
      expect(moved).not.toBe(first)
      other.restore(net.variables(), net.json!())
      expect(await other.extractor.id!()).toBe(moved)
      for (const one of [net, other]) one.dispose()
      expect(tf.memory().numTensors).toBe(before)
    },
  )

  it('names every tuning differently, even where features are alike', async () => {
    const ids = new Set<string>()
    for (const tuning of tuningNames) {
      const net = make(tuning)
      net.freeze()
      ids.add(await net.extractor.id!())
      net.dispose()
    }
    expect(ids.size).toBe(tuningNames.length)
  })
})

describe('adaptToFirstTask', () => {
  it.each(tuningNames)('%s: trains the tuning and a head of the task’s classes, then freezes', async (tuning) => {
    const net = make(tuning)
    const head = cosineHead({ width: net.width, rng: createRng(4) })
    const values = createRng(2).normals(8 * 192, 0, 1)
    const labels = [0, 1, 2, 0, 1, 2, 0, 1]
    const train = arrayImages({ values, labels, size: [8, 8], name: 'task' })
    const task = { index: 0, classes: [0, 1, 2], classesBefore: 0, classesAfter: 3, train }
    const numbers = () => Object.values(net.variables()).map((variable) => Array.from(variable.dataSync()))
    const counts: number[] = []
    let steps = 0
    const context = createContext({
      seed: 1,
      onProgress(event) {
        if (event.kind === 'phase') counts.push(event.trainableParameters)
        if (event.kind === 'step') steps++
      },
    })(task)
    const start = numbers()
    const tuned = start.reduce((sum, own) => sum + own.length, 0)
    await adaptToFirstTask({ net, head, task, options: optionsFor(tuning), context })
    // Rows of three classes and their factor beside what the network tunes.
    expect(counts).toEqual([tuned + 3 * 8 + 1])
    expect(steps).toBe(4)
    expect(numbers()).not.toEqual(start)
    expect(net.trainable!()).toEqual({})
    expect(head.classes).toBe(3)
    net.dispose()
    head.dispose()
  })
})
