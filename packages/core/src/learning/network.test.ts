import * as tf from '@tensorflow/tfjs-core'
import type { Tensor3D } from '@tensorflow/tfjs-core'
import { afterAll, describe, expect, it } from 'vitest'
import type { Backbone } from '../contracts/backbone'
import { createVit, initVit } from '../backbones/vit/vit'
import { weightsPart } from '../parts/part'
import { createRng } from '../random/rng'
import { type TuningKind, network } from './network'

const config = { imageSize: 4, patchSize: 2, width: 4, depth: 1, heads: 1 }
const backbone = createVit(config, initVit(config, createRng(1)), { fingerprint: 'tiny' })
afterAll(() => backbone.dispose())

const images = () => createRng(3).normals(2 * 48, 0, 1)
const featuresOf = (net: Pick<Backbone, 'features'>) =>
  tf.tidy(() => Array.from(net.features(tf.tensor4d(images(), [2, 4, 4, 3])).dataSync()))

/** Adds a vector to the sequence that leaves attention: the smallest tuning there is. */
const shift: TuningKind = {
  name: 'shift',
  attach({ width }) {
    const start = tf.zeros([width])
    const part = weightsPart({ by: start })
    start.dispose()
    const add = (input: Tensor3D) => tf.add(tf.zerosLike(input), part.variables().by!) as Tensor3D
    return { ...part, tuning: () => ({ branch: add }) }
  },
}
const change = (variable: tf.Variable) => tf.tidy(() => variable.assign(tf.add(variable, 1)))

describe('network', () => {
  it('is the pre-trained backbone where nothing is tuned: cached under its fingerprint', async () => {
    const net = network({ backbone })
    expect(Object.keys(net.variables())).toEqual([])
    expect(featuresOf(net)).toEqual(featuresOf(backbone))
    expect(await net.extractor.id!()).toBe('tiny')
    net.dispose()
  })

  it('has weights of its own from the first, not the backbone’s frozen ones: an engine needs one program', () => {
    const builds = () => (tf.backend() as { stats?(): { builds: number } }).stats?.().builds
    const net = network({ backbone, weights: backbone.parameters })
    featuresOf(net)
    const anew = (how: () => void) => {
      how()
      // What that takes is done then.
      Object.values(net.variables())[0]!.dataSync()
      const before = builds()
      featuresOf(net)
      expect(builds()).toBe(before)
    }
    anew(() => Object.values(net.variables()).forEach(change))
    anew(() => net.load(backbone.parameters))
    net.dispose()
  })

  it('trains a copy of the weights, which the backbone does not notice', () => {
    const before = tf.memory().numTensors
    const net = network({ backbone, weights: backbone.parameters })
    expect(featuresOf(net)).toEqual(featuresOf(backbone))
    const kept = featuresOf(backbone)
    change(net.variables()['norm.bias']!)
    expect(featuresOf(net)).not.toEqual(kept)
    expect(featuresOf(backbone)).toEqual(kept)
    net.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('copies itself: neither hears of changes to the other', () => {
    const net = network({ backbone, weights: backbone.parameters, tuning: shift })
    change(net.variables().by!)
    const copy = net.copy()
    expect(featuresOf(copy)).toEqual(featuresOf(net))
    const kept = featuresOf(copy)
    for (const name of ['by', 'norm.bias']) change(net.variables()[name]!)
    expect(featuresOf(copy)).toEqual(kept)
    net.dispose()
    expect(featuresOf(copy)).toEqual(kept)
    copy.dispose()
  })

  it('takes weights by their names', () => {
    const net = network({ backbone, weights: backbone.parameters })
    const ones = tf.ones([4])
    net.load({ 'norm.bias': ones })
    expect(Array.from(net.weights()['norm.bias']!.dataSync())).toEqual([1, 1, 1, 1])
    expect(() => net.load({ 'fc.bias': ones })).toThrow("trains no weight 'fc.bias'")
    ones.dispose()
    net.dispose()
  })

  it('may be cached once it is frozen, under an id that follows every change, in a restored one too', async () => {
    const net = network({ backbone, tuning: shift })
    expect(net.extractor.id).toBeUndefined()
    expect(Object.keys(net.trainable!())).toEqual(['by'])
    net.freeze()
    expect(Object.keys(net.trainable!())).toEqual([])
    const first = await net.extractor.id!()
    expect(first).toMatch(/^tiny:/)
    change(net.variables().by!)
    expect(await net.extractor.id!()).not.toBe(first)

    const restored = network({ backbone, tuning: shift })
    restored.restore(net.variables(), net.json!())
    expect(await restored.extractor.id!()).toBe(await net.extractor.id!())
    restored.dispose()
    net.dispose()
  })

  it('tells its modules whether it is training', () => {
    const told: boolean[] = []
    const telling: TuningKind = {
      name: 'telling',
      attach: () => ({
        ...weightsPart({}),
        tuning(mode) {
          told.push(mode?.training !== undefined)
          return {}
        },
      }),
    }
    const net = network({ backbone, tuning: telling })
    tf.tidy(() => net.features(tf.zeros([1, 4, 4, 3]), { training: createRng(1) }))
    featuresOf(net)
    expect(told).toEqual([true, false])
    net.dispose()
  })
})
