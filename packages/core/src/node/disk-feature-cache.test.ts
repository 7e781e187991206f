import { appendFile, mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FeatureExtractor } from '../contracts/features'
import { arrayImages } from '../images/array-images'
import { diskFeatureCache } from './disk-feature-cache'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilot-features-'))
})
afterEach(() => rm(folder, { recursive: true }))

const images = arrayImages({
  values: Float32Array.from({ length: 10 * 2 * 2 * 3 }, (_, i) => i),
  labels: Int32Array.from({ length: 10 }),
  size: [2, 2],
})
const extractor: FeatureExtractor = {
  id: () => Promise.resolve('backbone#1'),
  width: 2,
  apply: (batch) => tf.slice(tf.reshape(batch, [-1, 12]) as Tensor2D, [0, 0], [-1, 2]),
}
const expected = Array.from({ length: 10 }, (_, i) => [12 * i, 12 * i + 1])

async function extract(own: FeatureExtractor = extractor) {
  const cache = diskFeatureCache({ folder })
  const features = await cache.extract(images, own, { batchSize: 4 })
  const rows = await features.array()
  features.dispose()
  cache.close()
  return { rows, ...cache.stats }
}
async function logPath(): Promise<string> {
  const [id] = await readdir(folder)
  const [log] = await readdir(join(folder, id!))
  return join(folder, id!, log!)
}

describe('diskFeatureCache', () => {
  it('finds in a new process what an earlier one computed', async () => {
    expect(await extract()).toEqual({ rows: expected, computed: 10, reused: 0 })
    expect(await extract()).toEqual({ rows: expected, computed: 0, reused: 10 })
  })

  it('computes an image of the same key and other contents anew in another process', async () => {
    const named = (value: number) =>
      arrayImages({ values: new Float32Array(12).fill(value), labels: [0], size: [2, 2], name: 'x' })
    for (const value of [1, 5]) {
      const cache = diskFeatureCache({ folder })
      const features = await cache.extract(named(value), extractor)
      expect(await features.array()).toEqual([[value, value]])
      features.dispose()
      cache.close()
    }
  })

  it('keeps extractors apart, and those without an id out', async () => {
    await extract()
    expect(await extract({ ...extractor, id: () => Promise.resolve('backbone#2') })).toMatchObject({
      computed: 10,
      reused: 0,
    })
    expect(await extract({ ...extractor, id: undefined })).toMatchObject({ computed: 10, reused: 0 })
    expect(await readdir(folder)).toHaveLength(2)
  })

  it('computes again what a crash cut off', async () => {
    await extract()
    const log = await logPath()
    const { length } = await readFile(log)
    await truncate(log, length - 3)
    expect(await extract()).toEqual({ rows: expected, computed: 1, reused: 9 })
    expect(await extract()).toEqual({ rows: expected, computed: 0, reused: 10 })
  })

  it('computes again what has rotted', async () => {
    await extract()
    const log = await logPath()
    const bytes = await readFile(log)
    const record = bytes.length / 10
    bytes[3 * record + 13]! ^= 1
    bytes[7 * record - 1]! ^= 1
    await writeFile(log, bytes)
    expect(await extract()).toEqual({ rows: expected, computed: 2, reused: 8 })
  })

  it('is not misled by foreign bytes', async () => {
    await extract()
    await appendFile(await logPath(), Buffer.alloc(100, 0xff))
    expect(await extract()).toEqual({ rows: expected, computed: 0, reused: 10 })
  })

  it('computes on when the disk does not take the rows', async () => {
    const blocked = join(folder, 'a-file')
    await writeFile(blocked, '')
    const problems: string[] = []
    const cache = diskFeatureCache({ folder: blocked, onProblem: (message) => problems.push(message) })
    const features = await cache.extract(images, extractor)
    expect(await features.array()).toEqual(expected)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(/no longer kept in .*a-file/)
    features.dispose()
  })
})
