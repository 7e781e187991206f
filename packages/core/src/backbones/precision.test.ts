import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Backbone, Precision } from '../contracts/backbone'
import { frozenFeatures } from '../features/frozen'
import { network } from '../learning/network'
import { selectEngine } from '../node/select-engine'
import { createRng } from '../random/rng'
import { tinyVit } from '../testing/tiny-vit'
import { atPrecision, parsePrecision } from './precision'
import { createResnet, initResnet } from './resnet/resnet'

/** Root of the mean square of what two lists differ by, over that of the second. */
function deviation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [off, all] = [0, 0]
  for (let i = 0; i < b.length; i++) [off, all] = [off + (a[i]! - b[i]!) ** 2, all + b[i]! ** 2]
  return Math.sqrt(off / all)
}

async function featuresAt(precision: Precision) {
  const { vit, images, features } = tinyVit()
  const backbone = atPrecision(vit, precision)
  const read = async (extract: (images: tf.Tensor4D) => tf.Tensor2D) => {
    const y = tf.tidy(() => extract(images))
    const values = await y.data()
    y.dispose()
    return values
  }
  const expected = await features.data()
  const trained = network({ backbone, weights: { 'norm.bias': backbone.parameters['norm.bias']! } })
  const result = {
    expected,
    frozen: await read(network({ backbone }).extractor.apply),
    pretrained: await read(frozenFeatures(backbone).apply),
    training: await read((batch) => trained.features(batch)),
    id: await network({ backbone }).extractor.id!(),
    precision: backbone.precision,
  }
  trained.dispose()
  backbone.dispose()
  tf.dispose([images, features])
  return result
}

describe('where the engine has narrow numbers', () => {
  beforeEach(async () => {
    await selectEngine('onnx')
  })

  it('int8 makes features of frozen networks in bytes, and leaves what trains to floats', async () => {
    const before = tf.memory().numTensors
    const exact = await featuresAt('fp32')
    const bytes = await featuresAt('int8')
    expect(deviation(exact.frozen, exact.expected)).toBeLessThan(1e-5)
    expect(deviation(bytes.frozen, exact.expected)).toBeLessThan(0.05)
    expect(deviation(bytes.frozen, exact.expected)).toBeGreaterThan(1e-4)
    expect(Array.from(bytes.pretrained)).toEqual(Array.from(bytes.frozen))
    expect(Array.from(bytes.training)).toEqual(Array.from(exact.training))
    expect(bytes.precision).toBe('int8')
    expect(bytes.id).toBe(`${exact.id}:int8`)
    expect(tf.memory().numTensors).toBe(before)
  })

  it('fp16 rounds weights', async () => {
    const exact = await featuresAt('fp32')
    const halves = await featuresAt('fp16')
    expect(deviation(halves.frozen, exact.frozen)).toBeLessThan(2e-3)
    expect(deviation(halves.frozen, exact.frozen)).toBeGreaterThan(1e-6)
    expect(halves.id).toMatch(/:fp16$/)
  })

  it('is taken from floats once, and gives what it is given for the same', () => {
    const { vit, images, features } = tinyVit()
    expect(atPrecision(vit, 'fp32')).toBe(vit)
    const bytes = atPrecision(vit, 'int8')
    expect(atPrecision(bytes, 'int8')).toBe(bytes)
    expect(() => atPrecision(bytes, 'fp16')).toThrow(expect.objectContaining({ code: 'precision-changed' }))
    bytes.dispose()
    tf.dispose([images, features])
  })

  it('refuses int8 where nothing would be computed by it', () => {
    const config = { layout: 'cifar', blocks: [1, 1, 1], channels: 4 } as const
    const resnet: Backbone = createResnet(config, initResnet(config, createRng(1)))
    expect(() => atPrecision(resnet, 'int8')).toThrow(expect.objectContaining({ code: 'no-matrices' }))
    resnet.dispose()
  })
})

describe('elsewhere', () => {
  afterEach(() => selectEngine('onnx'))

  it('names the engine that is needed', async () => {
    await selectEngine('cpu')
    const { vit, images, features } = tinyVit()
    for (const precision of ['fp16', 'int8'] as const)
      expect(() => atPrecision(vit, precision)).toThrow(/needs the engine "onnx" where a processor computes; "cpu"/)
    vit.dispose()
    tf.dispose([images, features])
  })

  it('knows its own names, and the nearest to another', () => {
    expect(parsePrecision('int8')).toBe('int8')
    expect(() => parsePrecision('int9')).toThrow('precision "int9" is not known; did you mean "int8"?')
    expect(() => parsePrecision('bf')).toThrow(expect.objectContaining({ code: 'unknown-precision' }))
  })
})
