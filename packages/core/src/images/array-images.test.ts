import { describe, expect, it } from 'vitest'
import type { BatchOptions, LabeledImages } from '../contracts/images'
import { createRng } from '../random/rng'
import { points } from '../testing/points'
import { arrayImages } from './array-images'

async function walk(images: LabeledImages, options: Partial<BatchOptions> = {}) {
  const batches: { labels: number[]; positions: number[]; shape: number[] }[] = []
  for await (const batch of images.batches({ size: 2, view: 'train', ...options })) {
    batches.push({
      labels: Array.from(batch.labels.dataSync()),
      positions: Array.from(batch.positions),
      shape: batch.images.shape,
    })
    batch.dispose()
  }
  return batches
}

describe('arrayImages', () => {
  const images = points([5, 6, 7, 8, 9])

  it('walks in its own order, in a drawn one, and without a last part', async () => {
    expect((await walk(images)).map(({ labels }) => labels)).toEqual([[5, 6], [7, 8], [9]])
    expect((await walk(images, { dropLast: true })).map(({ shape }) => shape[0])).toEqual([2, 2])
    const shuffled = (await walk(images, { shuffle: createRng(1) })).flatMap(({ positions }) => positions)
    expect(shuffled).not.toEqual([0, 1, 2, 3, 4])
    expect(shuffled.toSorted()).toEqual([0, 1, 2, 3, 4])
  })

  it('selects and joins without losing keys and labels', async () => {
    const view = images.select([4, 0]).concat(points([1], 'other'))
    expect(Array.from(view.labels)).toEqual([9, 5, 1])
    expect([0, 1, 2].map((i) => view.key(i))).toEqual(['point:4', 'point:0', 'other:0'])
    expect((await walk(view)).flatMap(({ labels }) => labels)).toEqual([9, 5, 1])
  })

  it('makes keys of the contents where no name was chosen: equal images, equal keys', () => {
    const values = Float32Array.from({ length: 12 }, (_, i) => i)
    const make = (from: Float32Array) => arrayImages({ values: from, labels: [0, 1], size: [1, 2] })
    const keysOf = (set: LabeledImages) => [set.key(0), set.key(1)]
    expect(new Set([...keysOf(make(values)), ...keysOf(make(values.map((value) => value + 1)))]).size).toBe(4)
    expect(keysOf(make(values.slice()))).toEqual(keysOf(make(values)))
    expect(make(values).select([1]).key(0)).toBe(make(values).key(1))
  })

  it('tells contents, whatever the keys are', () => {
    expect(points([1, 2]).fingerprint!(0)).toBe(points([1, 2], 'other').fingerprint!(0))
    expect(points([1]).fingerprint!(0)).not.toBe(points([2]).fingerprint!(0))
  })

  it('refuses what does not fit', () => {
    expect(() => arrayImages({ values: new Float32Array(5), labels: [0], size: [1, 2] })).toThrow(
      'arrayImages: 1 labels want 6 values of 1 × 2 × 3 images, got 5',
    )
    expect(() => images.select([9])).toThrow('position 9 of 5 images')
    expect(() => images.concat({ ...images })).toThrow('only sets made by arrayImages can be joined')
  })
})
