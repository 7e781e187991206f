import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { writeFileAtomic } from './atomic-file'

let folder = ''
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'pilot-atomic-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

it('writes texts, bytes and pieces, making folders', async () => {
  const file = join(folder, 'a', 'b', 'file')
  await writeFileAtomic(file, 'text')
  await writeFileAtomic(file, [Uint8Array.of(65), Uint8Array.of(66)])
  expect(await readFile(file, 'utf8')).toBe('AB')
})

it('keeps what was there when the new content breaks off', async () => {
  const file = join(folder, 'file')
  await writeFile(file, 'old')
  const broken = (function* () {
    yield Uint8Array.of(65)
    throw new Error('broke off')
  })()
  await expect(writeFileAtomic(file, broken)).rejects.toThrow('broke off')
  expect([await readFile(file, 'utf8'), await readdir(folder)]).toEqual(['old', ['file']])
})

it('says what to do where nothing can be written', async () => {
  await mkdir(join(folder, 'folder'))
  await writeFile(join(folder, 'file'), '')
  await expect(writeFileAtomic(join(folder, 'folder'), '')).rejects.toThrow('there is a folder of that name')
  await expect(writeFileAtomic(join(folder, 'file', 'a'), '')).rejects.toThrow('is a file, not a folder')
  // Node's own recursive mkdir never comes back from there.
  if (existsSync('/proc/self'))
    await expect(writeFileAtomic('/proc/no-such-place/a', '')).rejects.toThrow('no folder can be made there')
})
