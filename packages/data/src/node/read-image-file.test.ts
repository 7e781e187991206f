import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { put, scratch } from '../__fixtures__/scratch'
import { adaptiveReader, readFileBytes, readFileBytesSync, whole } from './read-image-file'

const twelve = (folder = scratch()) =>
  put(
    join(folder, 'twelve'),
    Uint8Array.from({ length: 12 }, (_, i) => i),
  )

describe('reading a file', () => {
  it('gives the pieces that are wanted, and how many bytes there are', async () => {
    const file = twelve()
    for (const read of [readFileBytes, readFileBytesSync]) {
      const all = Uint8Array.from({ length: 12 }, (_, i) => i)
      expect(await read(file, whole)).toEqual({ pieces: [all], size: 12 })
      const ends = await read(file, (size) => [
        [0, 3],
        [size - 2, 5],
      ])
      expect(ends).toEqual({ pieces: [Uint8Array.of(0, 1, 2), Uint8Array.of(10, 11)], size: 12 })
      await expect((async () => read(join(file, 'gone'), whole))()).rejects.toThrow(/ENOTDIR|ENOENT/)
    }
  })

  it('is asynchronous for a while after a file that was long in coming', async () => {
    const file = twelve()
    let clock = 0
    let wait = 1
    const atOnce: string[] = []
    const read = adaptiveReader(
      (name, which) => {
        atOnce.push(name)
        clock += wait
        return readFileBytesSync(name, which)
      },
      () => clock,
    )
    for (let i = 0; i < 3; i++) expect((await read(file, whole)).size).toBe(12)
    expect(atOnce.length).toBe(3)
    wait = 30
    for (let i = 0; i < 65; i++) expect((await read(file, whole)).size).toBe(12)
    expect(atOnce.length).toBe(4)
    await read(file, whole)
    expect(atOnce.length).toBe(5)
  })
})
