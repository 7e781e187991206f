import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMethod } from './create-method'
import { readName } from './names'

const run = promisify(execFile)
const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '../../..')
const places = { templateFolder: join(here, '../template'), license: join(root, 'LICENSE') }

describe('readName', () => {
  it('spells a bare name under the house scope and keeps a scope that is given', () => {
    expect(readName('ridge-probe')).toEqual({
      packageName: '@pilotjs/ridge-probe',
      method: 'ridge-probe',
      identifier: 'ridgeProbe',
      title: 'RidgeProbe',
    })
    expect(readName('@someone/thing').packageName).toBe('@someone/thing')
  })

  it.each(['', 'Upper', 'has space', '../escape', '@scope', '9lives', 'a--b'])('refuses %j', (name) => {
    expect(() => readName(name)).toThrow(/cannot name a method package/)
  })
})

describe('createMethod', () => {
  let parent: string
  let target: string
  beforeAll(async () => {
    parent = await mkdtemp(join(tmpdir(), 'create-method-'))
    target = join(parent, 'ridge-probe')
  })
  afterAll(() => rm(parent, { recursive: true, force: true }))

  it('writes a package whose files carry the new name', async () => {
    const files = await createMethod(readName('ridge-probe'), target, places)
    expect(files).toContain(join('src', 'ridge-probe.ts'))
    for (const file of files)
      expect(await readFile(join(target, file), 'utf8')).not.toMatch(/my-method|myMethod|MyMethod/)
    expect(existsSync(join(target, 'LICENSE'))).toBe(true)
  })

  it('never overwrites', async () => {
    await expect(createMethod(readName('ridge-probe'), target, places)).rejects.toThrow(/is there already/)
  })
})

describe('the template', () => {
  const template = places.templateFolder
  it('tests green', async () => {
    await expect(
      run(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run'], { cwd: template }),
    ).resolves.toBeDefined()
  })
})
