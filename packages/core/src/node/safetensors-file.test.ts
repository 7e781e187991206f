import '@tensorflow/tfjs-backend-cpu'
import { mkdtemp, readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeSafetensors } from '../safetensors/index'
import { writeFileAtomic } from './atomic-file'
import { readSafetensorsFile, writeSafetensorsFile } from './safetensors-file'

let folder: string
beforeAll(async () => {
  await tf.setBackend('cpu')
  folder = await mkdtemp(join(tmpdir(), 'pilot-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('safetensors files', () => {
  it('hold what the bytes in memory hold', async () => {
    const path = join(folder, 'deep/er/model.safetensors')
    const tensors = { w: tf.tensor2d([[1, 2]]), b: tf.tensor1d([true, false], 'bool') }
    await writeSafetensorsFile(path, tensors, { metadata: { from: 'test' } })
    expect(new Uint8Array(await readFile(path))).toEqual(
      await writeSafetensors(tensors, { metadata: { from: 'test' } }),
    )
    const read = await readSafetensorsFile(path)
    expect(Array.from(read.w!.dataSync())).toEqual([1, 2])
    expect(Array.from(read.b!.dataSync())).toEqual([1, 0])
  })

  it('are named when they are damaged', async () => {
    const path = join(folder, 'short.safetensors')
    await writeSafetensorsFile(path, { w: tf.tensor1d([1, 2, 3]) })
    const { size } = await stat(path)
    await truncate(path, size - 3)
    await expect(readSafetensorsFile(path)).rejects.toThrow(/short\.safetensors: safetensors: tensor "w" .* truncated/)
  })
})

describe('writeFileAtomic', () => {
  it('leaves the old file and no neighbour when writing fails half-way', async () => {
    const path = join(folder, 'kept/file')
    await writeFileAtomic(path, 'old')
    const broken = async function* () {
      yield new Uint8Array(1000)
      await Promise.resolve()
      throw new Error('lost the source')
    }
    await expect(writeFileAtomic(path, broken())).rejects.toThrow('lost the source')
    expect(await readFile(path, 'utf8')).toBe('old')
    expect(await readdir(join(folder, 'kept'))).toEqual(['file'])
  })

  it('says what to do about a path that cannot be written', async () => {
    await writeFile(join(folder, 'plain'), '')
    await expect(writeFileAtomic(join(folder, 'plain/below'), 'x')).rejects.toThrow(
      /cannot write .*plain.below: a part of the path is a file/,
    )
  })
})
