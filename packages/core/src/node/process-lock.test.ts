import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { takeLock } from './process-lock'

let folder = ''
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'pilot-process-lock-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

it('tells who holds the lock, and leaves nothing behind', async () => {
  const claims = join(folder, 'file.lock')
  const first = await takeLock(claims)
  if (!first.held) throw new Error('nobody else holds it')
  expect(await takeLock(claims)).toMatchObject({
    held: false,
    holder: { pid: process.pid, here: true, claim: expect.stringContaining('file.lock') as string },
  })
  await first.release()
  expect(await readdir(folder)).toEqual([])
})

it('clears away what a dead process left, also where another holds the lock', async () => {
  const claims = join(folder, 'file.lock')
  const leave = () => writeFile(join(claims, 'zombie.json'), JSON.stringify({ pid: 2 ** 22 + 1, host: hostname() }))
  await mkdir(claims)
  await leave()
  const first = await takeLock(claims)
  if (!first.held) throw new Error('the holder is dead')
  await leave()
  expect((await takeLock(claims)).held).toBe(false)
  expect(await readdir(claims)).toHaveLength(1)
  await first.release()
  expect(await readdir(folder)).toEqual([])
})

it('passes a lock on to a higher fence, and to no lower one, whatever machine the holder is on', async () => {
  const claims = join(folder, 'file.lock')
  await mkdir(claims)
  const silent = JSON.stringify({ pid: 1, host: `not ${hostname()}`, fence: 4 })
  await writeFile(join(claims, 'silent.json'), silent)
  expect(await takeLock(claims)).toMatchObject({ held: false, holder: { here: false } })
  expect(await takeLock(claims, { fence: 4 })).toMatchObject({ held: false })
  const taken = await takeLock(claims, { fence: 5 })
  if (!taken.held) throw new Error('the holder has a lower fence')
  await taken.release()
  expect(await readdir(folder)).toEqual([])
})
