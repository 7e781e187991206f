import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { makeFolder } from './make-folder'

let folder = ''
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'pilot-folder-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

it('makes what is missing, and minds nothing that is there', async () => {
  for (let again = 0; again < 2; again++) await makeFolder(join(folder, 'a', 'b', 'c'))
  expect(existsSync(join(folder, 'a', 'b', 'c'))).toBe(true)
})

it('lets several make the same folder at once', async () => {
  const wanted = join(folder, 'x', 'y', 'z')
  await Promise.all(Array.from({ length: 8 }, () => makeFolder(wanted)))
  expect(existsSync(wanted)).toBe(true)
})

it('is not misled where another makes a folder above at the same moment', async () => {
  for (let round = 0; round < 25; round++) {
    const top = join(folder, String(round))
    const wanted = ['a', 'a/b', 'a/b/c', 'a/b/d', 'a/b/c/e', 'a/f'].map((path) => join(top, path))
    await Promise.all([...wanted, ...wanted].map((path) => makeFolder(path)))
    expect(wanted.every((path) => existsSync(path))).toBe(true)
  }
})

it('fails where a file stands in the way, or the system makes no folders', async () => {
  await writeFile(join(folder, 'file'), '')
  await expect(makeFolder(join(folder, 'file'))).rejects.toThrow('EEXIST')
  await expect(makeFolder(join(folder, 'file', 'a'))).rejects.toThrow('ENOTDIR')
  if (existsSync('/proc/self')) await expect(makeFolder('/proc/no-such-place/a')).rejects.toThrow('ENOENT')
})
