import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inMemoryDataset } from '@pilotjs/data'
import { imageFolder } from '@pilotjs/data/node'
import { afterAll, expect, it } from 'vitest'
import { exportImages } from './export-images'

const folder = await mkdtemp(join(tmpdir(), 'export-images-'))
afterAll(() => rm(folder, { recursive: true }))

const split = (perClass: number) => ({
  pixels: Uint8Array.from({ length: 3 * perClass * 12 }, (_, i) => (i * 37) % 256),
  height: 2,
  width: 2,
  labels: Array.from({ length: 3 * perClass }, (_, i) => i % 3),
})

it('writes images that read back as they were, so many of so many classes', async () => {
  const dataset = inMemoryDataset({ name: 'toy', classNames: ['a', 'b', 'c'], train: split(10), test: split(2) })
  await exportImages(dataset, folder, { classes: 2, trainPerClass: 5 })
  expect(await readdir(join(folder, 'train'))).toEqual(['a', 'b'])
  const back = await imageFolder(folder)
  expect([...back.train.labels]).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
  expect([...back.test.labels]).toEqual([0, 0, 1, 1])
  // Every second image of class b, which is every third of all.
  expect([...(await back.train.read(6)).data]).toEqual([...(await dataset.train.read(7)).data])
})
