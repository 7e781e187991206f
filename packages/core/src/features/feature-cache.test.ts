import * as tf from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import type { FeatureExtractor } from '../contracts/features'
import { points, recordingContext } from '../testing/points'
import { arrayImages } from '../images/array-images'
import { SampleKeyError, memoryFeatureCache, memoryFeatureStore } from './feature-cache'
import { featuresOf } from './frozen'

function counting(id?: string) {
  const sizes: number[] = []
  const extractor: FeatureExtractor = {
    ...(id !== undefined && { id: () => Promise.resolve(id) }),
    width: 3,
    apply(images) {
      sizes.push(images.shape[0])
      return tf.mul(tf.reshape(images, [-1, 3]), 2) as Tensor2D
    },
  }
  return { extractor, sizes }
}

const rowsOf = (tensor: Tensor2D) => {
  const values = tensor.arraySync()
  tensor.dispose()
  return values
}

describe('a feature cache', () => {
  it('computes each image once, and gives rows in the order asked for', async () => {
    const before = tf.memory().numTensors
    const cache = memoryFeatureCache()
    const { extractor, sizes } = counting('twice')
    const images = points([0, 1, 2, 3, 4])
    const some = rowsOf(await cache.extract(images.select([3, 1]), extractor))
    const all = rowsOf(await cache.extract(images, extractor, { batchSize: 2 }))
    expect([all[3], all[1]]).toEqual(some)
    expect(all[4]![0]).toBeCloseTo(8, 0)
    expect(rowsOf(await cache.extract(images.select([4, 0]), extractor))).toEqual([all[4], all[0]])
    expect(sizes).toEqual([2, 2, 1])
    expect(cache.stats).toEqual({ computed: 5, reused: 4 })
    expect(tf.memory().numTensors).toBe(before)
  })

  it('takes what is no full batch in pieces of powers of two', async () => {
    const { extractor, sizes } = counting('frozen')
    const images = points([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1])
    expect(rowsOf(await memoryFeatureCache().extract(images, extractor, { batchSize: 8 }))).toHaveLength(11)
    expect(sizes).toEqual([8, 2, 1])
  })

  it('keeps extractors apart, and images that are prepared otherwise', async () => {
    const cache = memoryFeatureCache()
    const images = points([0, 1])
    const [one, two] = [counting('one'), counting('two')]
    for (const { extractor } of [one, two, one]) rowsOf(await cache.extract(images, extractor))
    rowsOf(await cache.extract({ ...images, select: images.select, preparation: 'cropped' }, one.extractor))
    expect([one.sizes, two.sizes]).toEqual([[2, 2], [2]])
  })

  it('never gives the features of one image for another', async () => {
    const cache = memoryFeatureCache()
    const { extractor } = counting('frozen')
    const unnamed = (value: number) =>
      arrayImages({ values: new Float32Array(6).fill(value), labels: [0, 1], size: [1, 1] })
    expect(rowsOf(await cache.extract(unnamed(1), extractor))[0]).toEqual([2, 2, 2])
    expect(rowsOf(await cache.extract(unnamed(3), extractor))[0]).toEqual([6, 6, 6])
    rowsOf(await cache.extract(points([0, 1]), extractor))
    const refusal = cache.extract(points([5, 6]), extractor)
    await expect(refusal).rejects.toThrow(SampleKeyError)
    await expect(refusal).rejects.toMatchObject({ code: 'equal-keys', key: 'point:0' })
  })

  it('goes by keys alone where a set tells no contents', async () => {
    const cache = memoryFeatureCache()
    const { extractor, sizes } = counting('frozen')
    const silent = { ...points([0, 1]), fingerprint: undefined }
    for (let i = 0; i < 2; i++) rowsOf(await cache.extract(silent, extractor))
    expect(sizes).toEqual([2])
  })

  it('keeps nothing of an extractor that can still change', async () => {
    const cache = memoryFeatureCache()
    const { extractor, sizes } = counting()
    for (let i = 0; i < 2; i++) rowsOf(await cache.extract(points([0, 1]), extractor))
    expect(sizes).toEqual([2, 2])
  })

  it('gives an empty set an empty table', async () => {
    expect((await memoryFeatureCache().extract(points([]), counting('x').extractor)).shape).toEqual([0, 3])
  })

  it('tells how far it is and stops when aborted', async () => {
    const before = tf.memory().numTensors
    const told: string[] = []
    const context = recordingContext({
      report: (event) => event.kind === 'features' && void told.push(`${event.done}/${event.total}`),
    })
    const images = points(Array.from({ length: 70 }, () => 0))
    tf.dispose(await featuresOf(images, counting('a').extractor, context))
    expect(told).toEqual(['64/70', '68/70', '70/70'])
    const stop = new AbortController()
    const interrupted = context.features.extract(images, counting('b').extractor, {
      batchSize: 10,
      signal: stop.signal,
      onProgress: () => stop.abort(new Error('enough')),
    })
    await expect(interrupted).rejects.toThrow('enough')
    expect(tf.memory().numTensors).toBe(before)
  })
})

describe('memoryFeatureStore', () => {
  it('lets the rows go that were not used for longest', async () => {
    const store = memoryFeatureStore({ maxBytes: 8 * 4 })
    const row = (value: number) => new Float32Array(4).fill(value)
    await store.set('id', 'a', row(1))
    await store.set('id', 'b', row(2))
    await store.get('id', 'a')
    await store.set('id', 'c', row(3))
    expect(await store.get('id', 'b')).toBeUndefined()
    expect(await store.get('id', 'a')).toEqual(row(1))
    expect(await store.get('id', 'c')).toEqual(row(3))
  })
})
