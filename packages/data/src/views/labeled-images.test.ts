import { createRng } from '@pilotjs/core/random'
import type { LabeledImages } from '@pilotjs/core'
import { memory, ready } from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { plain, toy } from '../__fixtures__/toy'
import type { ImageSource } from '../dataset/dataset'
import { randomCrop } from '../transforms/crop'
import { randomHorizontalFlip } from '../transforms/random-horizontal-flip'
import type { Transforms } from '../transforms/transforms'
import { labeledImages } from './labeled-images'

const source = toy({ classes: 5, perClass: 4 }).train
const all = (supply: Partial<Parameters<typeof labeledImages>[3]> = {}, from: ImageSource = source) =>
  labeledImages(
    from,
    Array.from({ length: from.length }, (_, i) => i),
    from.labels,
    { transforms: plain, ...supply },
  )
const augmenting: Transforms = { ...plain, train: [randomCrop({ size: 4, padding: 2 }), randomHorizontalFlip()] }

/** Every image's numbers by key, and the batches' sizes. */
async function collect(images: LabeledImages, options: Parameters<LabeledImages['batches']>[0]) {
  const numbers = new Map<string, string>()
  const sizes: number[] = []
  const positions: number[] = []
  for await (const batch of images.batches(options)) {
    const values = await batch.images.data()
    const labels = await batch.labels.data()
    const each = values.length / batch.positions.length
    batch.positions.forEach((position, row) => {
      expect(labels[row]).toBe(images.labels[position])
      numbers.set(images.key(position), values.subarray(row * each, (row + 1) * each).join())
    })
    sizes.push(batch.positions.length)
    positions.push(...batch.positions)
    batch.dispose()
  }
  return { numbers, sizes, positions }
}

beforeAll(() => ready())

describe('labeledImages', () => {
  it('selects and concatenates like arrays of samples', () => {
    const whole = all()
    const positions = fc.array(fc.nat(source.length - 1), { maxLength: 30 })
    fc.assert(
      fc.property(positions, positions, (first, second) => {
        const view = whole.select(first).concat(whole.select(second))
        expect(view.length).toBe(first.length + second.length)
        const wanted = [...first, ...second]
        expect(wanted.map((_, i) => view.key(i))).toEqual(wanted.map((position) => whole.key(position)))
        expect([...view.labels]).toEqual(wanted.map((position) => whole.labels[position]))
        const reversed = view.select(wanted.map((_, i) => wanted.length - 1 - i))
        expect([...reversed.labels]).toEqual([...view.labels].reverse())
      }),
    )
  })

  it('decodes nothing until a batch is asked for', async () => {
    const read: number[] = []
    const watched = { ...source, read: (index: number) => (read.push(index), source.read(index)) }
    const view = all({ prefetch: 0 }, watched)
      .select([3, 4, 5, 6])
      .concat(all({}, source).select([0]))
    expect(read).toEqual([])
    for await (const batch of view.batches({ size: 2, view: 'eval' })) {
      batch.dispose()
      break
    }
    expect(read).toEqual([3, 4])
  })

  it('reads ahead no further than prefetch allows', async () => {
    const read: number[] = []
    const watched = { ...source, read: (index: number) => (read.push(index), source.read(index)) }
    const batches = all({ prefetch: 1 }, watched).batches({ size: 2, view: 'eval' })[Symbol.asyncIterator]()
    const first = await batches.next()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(read).toEqual([0, 1, 2, 3])
    first.value?.dispose()
    await batches.return?.()
  })

  it('gives normalised images, labels and positions', async () => {
    const view = all({ transforms: { ...plain, mean: [0.5, 0.5, 0.5], std: [0.5, 0.25, 1] } }).select([7])
    for await (const batch of view.batches({ size: 4, view: 'eval' })) {
      expect([batch.images.shape, batch.images.dtype, batch.labels.dtype]).toEqual([[1, 4, 4, 3], 'float32', 'int32'])
      const [red, green, blue] = await batch.images.data()
      expect(red).toBe(Math.fround(Math.fround(Math.fround(7 / 255) - 0.5) / 0.5))
      expect(green).toBe(Math.fround(Math.fround(Math.fround(2 / 255) - 0.5) / 0.25))
      expect(blue).toBe(Math.fround(Math.fround(((7 * 37) % 256) / 255) - 0.5))
      expect([...batch.positions]).toEqual([0])
      batch.dispose()
    }
  })

  it('walks every sample once, in order or shuffled by the generator alone', async () => {
    const ordered = await collect(all(), { size: 6, view: 'eval' })
    expect(ordered.positions).toEqual(Array.from({ length: 20 }, (_, i) => i))
    expect(ordered.sizes).toEqual([6, 6, 6, 2])
    const shuffled = await collect(all(), { size: 6, view: 'eval', shuffle: createRng(4), dropLast: true })
    expect(shuffled.sizes).toEqual([6, 6, 6])
    expect(shuffled.positions).toEqual([...createRng(4).permutation(20)].slice(0, 18))
  })

  it('augments by seed, sample and epoch, never by batch size, prefetch or neighbours', async () => {
    const base = await collect(all({ transforms: augmenting }), { size: 20, view: 'train' })
    for (const [size, prefetch] of [
      [1, 0],
      [3, 5],
      [7, 1],
    ] as const) {
      const other = await collect(all({ transforms: augmenting, prefetch }), { size, view: 'train' })
      expect(other.numbers).toEqual(base.numbers)
    }
    const part = await collect(all({ transforms: augmenting }).select([9, 2]), { size: 2, view: 'train' })
    for (const [key, numbers] of part.numbers) expect(numbers).toBe(base.numbers.get(key))
    const changed = await Promise.all([
      collect(all({ transforms: augmenting }), { size: 20, view: 'train', epoch: 1 }),
      collect(all({ transforms: augmenting, seed: 1 }), { size: 20, view: 'train' }),
      collect(all({ transforms: augmenting }), { size: 20, view: 'train', shuffle: createRng(1) }),
    ])
    for (const { numbers } of changed) expect(numbers).not.toEqual(base.numbers)
    const again = await collect(all({ transforms: augmenting }), { size: 4, view: 'train', shuffle: createRng(1) })
    expect(again.numbers).toEqual(changed[2]!.numbers)
  })

  it('leaves no tensor behind, also when a walk is left early', async () => {
    const before = memory().numTensors
    await collect(all(), { size: 3, view: 'train' })
    for await (const batch of all().batches({ size: 3, view: 'train' })) {
      batch.dispose()
      break
    }
    expect(memory().numTensors).toBe(before)
  })

  it('passes on what goes wrong with an image, and can be walked again', async () => {
    const broken = {
      ...source,
      read: (index: number) => (index === 4 ? Promise.reject(new Error('train/4.jpg is cut off')) : source.read(index)),
    }
    const view = all({}, broken)
    await expect(collect(view, { size: 2, view: 'eval' })).rejects.toThrow('train/4.jpg is cut off')
    await expect(collect(view.select([0, 1]), { size: 2, view: 'eval' })).resolves.toMatchObject({ sizes: [2] })
  })

  it('says which image has a size of its own', async () => {
    const odd = {
      ...source,
      read: (index: number) => (index === 1 ? { width: 2, height: 2, data: new Uint8Array(12) } : source.read(index)),
    }
    await expect(collect(all({}, odd), { size: 4, view: 'eval' })).rejects.toThrow(
      "toy/train/1 comes out as 2x2, others of its batch as 4x4; end the 'eval' transforms",
    )
    const wrong = { ...source, read: () => ({ width: 2, height: 2, data: new Uint8Array(16) }) }
    await expect(collect(all({}, wrong), { size: 4, view: 'eval' })).rejects.toThrow(
      'toy/train/0: a 2x2 RGB image has 12 bytes, got 16',
    )
  })

  it('refuses impossible positions and batch sizes', () => {
    const view = all()
    expect(() => view.select([20])).toThrow('select: no image at 20, there are 20')
    expect(() => view.select([0.5])).toThrow('select: no image at 0.5')
    expect(() => view.key(-1)).toThrow('key: no sample at -1')
    expect(() => view.batches({ size: 0, view: 'eval' })).toThrow('size must be a positive integer')
  })

  it('names its preparation, and none where it is mixed or unknown', () => {
    const first = all()
    expect(first.preparation).toBeTypeOf('string')
    expect(first.concat(all()).preparation).toBe(first.preparation)
    expect(first.concat(all({ transforms: { ...plain, mean: [1, 0, 0] } })).preparation).toBeUndefined()
    const own = { ...plain, eval: [{ apply: (image: never) => image }] }
    expect(all({ transforms: own }).preparation).toBeUndefined()
  })

  it('does nothing with nothing', async () => {
    expect((await collect(all().select([]), { size: 3, view: 'train', shuffle: createRng(1) })).sizes).toEqual([])
  })
})
