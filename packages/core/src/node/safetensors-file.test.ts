import '@tensorflow/tfjs-backend-cpu'
import { mkdtemp, readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeSafetensors } from '../safetensors/index'
import { writeFileAtomic } from './atomic-file'
import { openSafetensorsFile, readSafetensorsFile, writeSafetensorsFile } from './safetensors-file'

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

  it('give some of their tensors, and leave none behind where one cannot be read', async () => {
    const path = join(folder, 'some.safetensors')
    await writeSafetensorsFile(path, {
      a: tf.tensor1d([1]),
      odd: tf.tensor1d([true], 'bool'),
      w: tf.tensor1d([1, 2, 3]),
    })
    const file = await openSafetensorsFile(path)
    expect(file.entries.map(({ name, shape }) => [name, shape])).toEqual([
      ['a', [1]],
      ['odd', [1]],
      ['w', [3]],
    ])
    const read = await file.read({ select: (name) => name === 'w' })
    expect(Object.keys(read)).toEqual(['w'])
    tf.dispose(read)
    const bytes = await readFile(path)
    bytes[file.entries[1]!.start] = 7
    await writeFile(path, bytes)
    const before = tf.memory().numTensors
    await expect(file.read()).rejects.toThrow(/some\.safetensors: .*bool tensor "odd" holds the byte 7/)
    expect(tf.memory().numTensors).toBe(before)
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
