import { createRng } from '@pilotjs/core/random'
import type { LabeledImages } from '@pilotjs/core'
import { ready } from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import sharp from 'sharp'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { put, scratch } from '../__fixtures__/scratch'
import { toy } from '../__fixtures__/toy'
import type { Dataset } from '../dataset/dataset'
import { inProcessLoader } from '../loader/image-loader'
import type { ImageLoader } from '../loader/image-loader'
import { colorJitter } from '../transforms/color-jitter'
import { pilotTransforms } from '../transforms/presets'
import type { Transforms } from '../transforms/transforms'
import { labeledImages } from '../views/labeled-images'
import { imageFolder } from './image-folder'
import { workerLoader } from './worker-loader'

const opened: { close(): Promise<void> }[] = []
const open = (workers: number) => {
  const loader = workerLoader({ workers })
  opened.push(loader)
  return loader
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((loader) => loader.close()))
})
beforeAll(() => ready())

const preprocessing = {
  inputSize: [96, 96],
  mean: [0.5, 0.5, 0.5],
  std: [0.5, 0.5, 0.5],
  interpolation: 'bicubic',
  cropFraction: 1,
} as const
const pilot = pilotTransforms({ preprocessing })
const transforms: Transforms = { ...pilot, train: [...pilot.train, colorJitter({ brightness: 0.3, hue: 0.1 })] }

async function photos(): Promise<Dataset> {
  const root = scratch()
  for (const split of ['train', 'test']) {
    for (const label of ['a', 'b']) {
      mkdirSync(join(root, split, label), { recursive: true })
      for (const name of ['color.jpg', 'progressive.jpg', 'palette.png', 'grey.jpg']) {
        copyFileSync(fileURLToPath(new URL(`../__fixtures__/${name}`, import.meta.url)), join(root, split, label, name))
      }
    }
  }
  return imageFolder(root, { name: 'photos' })
}

const everything = ({ train }: Dataset, loader: ImageLoader, how = transforms): LabeledImages =>
  labeledImages(
    train,
    Array.from({ length: train.length }, (_, i) => i),
    train.labels,
    { transforms: how, loader, seed: 7 },
  )

/** One hash over all bits of an epoch. */
async function fingerprint(images: LabeledImages, size: number): Promise<string> {
  const hash = createHash('sha256')
  for await (const batch of images.batches({ size, view: 'train', shuffle: createRng(3), epoch: 2 })) {
    hash.update(new Uint8Array(((await batch.images.data()) as Float32Array).slice().buffer))
    batch.dispose()
  }
  return hash.digest('hex')
}

describe('workerLoader', () => {
  it('gives the same bits at any number of workers, files and memory alike', async () => {
    for (const dataset of [await photos(), toy({ size: 40 })]) {
      const alone = await fingerprint(everything(dataset, inProcessLoader()), 3)
      for (const [workers, size] of [
        [0, 3],
        [1, 4],
        [3, 2],
      ] as const) {
        expect(await fingerprint(everything(dataset, open(workers)), size)).toBe(alone)
      }
    }
  })

  it('reads a small file once, and others whenever they are asked for', async () => {
    const [dataset, loader] = [await photos(), open(2)]
    const images = everything(dataset, loader)
    const large = await sharp({ create: { width: 80, height: 80, channels: 3, background: 'red' } })
      .png()
      .toBuffer()
    writeFileSync(dataset.train.file!(0), large)
    const first = await fingerprint(images, 3)
    for (let index = 1; index < dataset.train.length; index++) rmSync(dataset.train.file!(index))
    expect(await fingerprint(images, 3)).toBe(first)
    rmSync(dataset.train.file!(0))
    await expect(fingerprint(images, 3)).rejects.toMatchObject({ code: 'not-found' })
  })

  it('asks for many small images with one message', async () => {
    const sent = vi.spyOn(Worker.prototype, 'postMessage')
    const { train } = await photos()
    const [loader, signal] = [open(1), new AbortController().signal]
    const load = (_: unknown, at: number) =>
      loader.load({ source: train, index: at % train.length, transforms: [], seed: at, signal })
    const images = await Promise.all(Array.from({ length: 60 }, load))
    expect(images.map(({ width }) => width)).toEqual(images.map(() => 64))
    const requests = sent.mock.calls.flatMap(([message]) => message as { id: number }[])
    expect(new Set(requests.map(({ id }) => id)).size).toBe(requests.length)
    expect(requests.length).toBeGreaterThan(train.length)
    expect(sent.mock.calls.length).toBeLessThan(requests.length / 2)
    sent.mockRestore()
  })

  it('keeps what it decoded whatever becomes of the image it gave', async () => {
    const source = (await photos()).train
    const request = { source, index: 1, transforms: [], seed: 0, signal: new AbortController().signal }
    const loader = open(1)
    const given = await loader.load(request)
    const pixels = given.data.slice()
    given.data.fill(0)
    expect((await loader.load(request)).data).toEqual(pixels)
  })

  it('does what a thread cannot in the main thread', async () => {
    const own: Transforms = { ...transforms, train: [...transforms.train, { apply: (image) => image }] }
    const dataset = await photos()
    expect(await fingerprint(everything(dataset, open(2), own), 3)).toBe(
      await fingerprint(everything(dataset, inProcessLoader(), own), 3),
    )
  })

  it('names the file that cannot be decoded, and goes on with others', async () => {
    const dataset = await photos()
    const broken = dataset.train.file!(2)
    put(broken, 'broken now')
    const loader = open(2)
    const images = everything(dataset, loader)
    await expect(fingerprint(images, 2)).rejects.toThrow(`Can't read image ${broken}`)
    await expect(fingerprint(images, 2)).rejects.toMatchObject({ code: 'unreadable-image', subject: broken })
    await expect(fingerprint(images.select([0, 1, 3]), 2)).resolves.toMatch(/^[0-9a-f]{64}$/)
  })

  it('passes on what a source or a transform throws', async () => {
    const dataset = toy({ size: 40 })
    const failing = {
      ...dataset,
      train: { ...dataset.train, read: () => Promise.reject(new Error('the disk is gone')) },
    }
    await expect(fingerprint(everything(failing, open(1)), 2)).rejects.toThrow('the disk is gone')
  })

  it('rejects what waits when it is closed, and starts anew when used again', async () => {
    const dataset = await photos()
    const loader = open(1)
    const signal = new AbortController().signal
    const loads = Array.from({ length: 6 }, (_, index) =>
      loader.load({ source: dataset.train, index, transforms: transforms.train, seed: 1, signal }),
    )
    const outcomes = Promise.allSettled(loads)
    await loader.close()
    expect((await outcomes).filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0)
    expect(
      await loader.load({ source: dataset.train, index: 0, transforms: transforms.train, seed: 1, signal }),
    ).toMatchObject({ width: 96 })
  })

  it('drops requests that nobody waits for any more', async () => {
    const dataset = await photos()
    const loader = open(1)
    const abandoned = new AbortController()
    const request = { source: dataset.train, transforms: transforms.train, seed: 1, signal: abandoned.signal }
    const loads = Array.from({ length: 8 }, (_, index) => loader.load({ ...request, index }))
    abandoned.abort(new Error('nobody waits'))
    const outcomes = await Promise.allSettled(loads)
    expect(outcomes.slice(-3)).toEqual(Array.from({ length: 3 }, () => expect.objectContaining({ status: 'rejected' })))
  })

  it('refuses a number of workers that is none', () => {
    expect(() => workerLoader({ workers: -1 })).toThrow('workers must be an integer of at least 0')
  })
})
