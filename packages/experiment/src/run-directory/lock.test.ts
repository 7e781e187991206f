import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { lock } from './lock'

let folder = ''
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'pilot-lock-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

const claim = async (owner: unknown) => {
  await mkdir(join(folder, '.lock'), { recursive: true })
  await writeFile(join(folder, '.lock', 'other.json'), typeof owner === 'string' ? owner : JSON.stringify(owner))
}

it('is held until released, and leaves nothing behind', async () => {
  const release = await lock(folder)
  await expect(lock(folder)).rejects.toThrow(`in use by process ${process.pid}`)
  await release()
  expect(await readdir(folder)).toEqual([])
  await (
    await lock(folder)
  )()
})

it('never goes to two claimants at once', async () => {
  const claims = await Promise.allSettled(Array.from({ length: 8 }, () => lock(folder)))
  const held = claims.filter((result) => result.status === 'fulfilled')
  expect(held.length).toBeLessThanOrEqual(1)
  for (const { value: release } of held) await release()
  await (
    await lock(folder)
  )()
})

it('is taken over from a process that is gone, or whose number went to another', async () => {
  // Above any pid that Linux gives out.
  await claim({ pid: 2 ** 22 + 1, host: hostname() })
  await (
    await lock(folder)
  )()
  await claim({ pid: process.pid, host: hostname(), started: 'long ago' })
  await (
    await lock(folder)
  )()
  await claim('cut off')
  await (
    await lock(folder)
  )()
})

it('believes a claim from another machine, and says how to end it', async () => {
  await claim({ pid: 1, host: 'elsewhere' })
  await expect(lock(folder)).rejects.toThrow(/by process 1 on elsewhere: .*if it is gone, delete .*other\.json/)
})
