import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { put, scratch } from '../__fixtures__/scratch'
import { readFileBytes, readFileBytesSync, threadReader } from './read-image-file'

const twelve = (folder = scratch()) =>
  put(
    join(folder, 'twelve'),
    Uint8Array.from({ length: 12 }, (_, i) => i),
  )

describe('reading a file', () => {
  it('gives as many of its first bytes as wanted, and how many there are', async () => {
    const file = twelve()
    for (const read of [readFileBytes, readFileBytesSync]) {
      expect(await read(file, (size) => size)).toEqual({
        bytes: Uint8Array.from({ length: 12 }, (_, i) => i),
        size: 12,
      })
      expect(await read(file, (size) => size - 9)).toEqual({ bytes: Uint8Array.of(0, 1, 2), size: 12 })
      await expect((async () => read(join(file, 'gone'), (size) => size))()).rejects.toThrow(/ENOTDIR|ENOENT/)
    }
  })

  it('is asynchronous for a while after a file that was long in coming', async () => {
    const file = twelve()
    let clock = 0
    let wait = 1
    const atOnce: string[] = []
    const read = threadReader(
      (name, length) => {
        atOnce.push(name)
        clock += wait
        return readFileBytesSync(name, length)
      },
      () => clock,
    )
    const whole = (size: number) => size
    for (let i = 0; i < 3; i++) expect((await read(file, whole)).size).toBe(12)
    expect(atOnce.length).toBe(3)
    wait = 30
    for (let i = 0; i < 65; i++) expect((await read(file, whole)).size).toBe(12)
    expect(atOnce.length).toBe(4)
    await read(file, whole)
    expect(atOnce.length).toBe(5)
  })
})
