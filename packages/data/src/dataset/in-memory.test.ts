import { describe, expect, it } from 'vitest'
import { assertDataset } from './dataset'
import { inMemoryDataset } from './in-memory'

const images = { pixels: new Uint8Array(2 * 2 * 3 * 3).map((_, i) => i), height: 2, width: 3, labels: [0, 1] }

describe('inMemoryDataset', () => {
  it('reads an image without copying it and names it uniquely', async () => {
    const { train, test } = inMemoryDataset({ name: 'd', classNames: ['a', 'b'], train: images, test: images })
    const image = await train.read(1)
    expect([image.width, image.height, image.data[0], image.data.length]).toEqual([3, 2, 18, 18])
    expect(image.data.buffer).toBe(images.pixels.buffer)
    expect([train.key(1), test.key(1)]).toEqual(['d/train/1', 'd/test/1'])
  })

  it('tells which split has labels or pixels that do not fit', () => {
    const make = (train: object) =>
      inMemoryDataset({ name: 'd', classNames: ['a', 'b'], train: { ...images, ...train }, test: images })
    expect(() => make({ labels: [0, 2] })).toThrow("dataset 'd', train: labels: image 1 has 2")
    expect(() => make({ labels: [0] })).toThrow('1 labels and 3x2 RGB images ask for 18 bytes, got 36')
    expect(() => make({ domains: [0, 0] })).toThrow('domains')
  })

  it('refuses an image that is not there', () => {
    const { train } = inMemoryDataset({ name: 'd', classNames: ['a', 'b'], train: images, test: images })
    expect(() => train.read(2)).toThrow('no image 2')
  })

  it('refuses two images of one key, in one split or in both', () => {
    const dataset = inMemoryDataset({ name: 'd', classNames: ['a', 'b'], train: images, test: images })
    const confused = { ...dataset, test: { ...dataset.test, key: dataset.train.key } }
    expect(() => assertDataset(confused)).toThrow("two images have the key 'd/train/0'")
  })

  it('tells contents apart by their fingerprints', async () => {
    const { train, test } = inMemoryDataset({ name: 'd', classNames: ['a', 'b'], train: images, test: images })
    expect(await train.fingerprint!(0)).toBe(await test.fingerprint!(0))
    expect(await train.fingerprint!(0)).not.toBe(await train.fingerprint!(1))
  })
})
