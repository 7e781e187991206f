import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMethod } from './create-method'
import type { Family } from './families'
import { families, readFamily } from './families'
import { readName } from './names'

const run = promisify(execFile)
const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '../../..')

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

describe('readFamily', () => {
  it('knows the families, and names them to whoever asks for another', () => {
    expect(readFamily('prompt')).toBe('prompt')
    expect(() => readFamily('toString')).toThrow('there is no family "toString"; there are prototype, adapter')
  })
})

describe('createMethod', () => {
  let parent: string
  beforeAll(async () => {
    parent = await mkdtemp(join(tmpdir(), 'create-method-'))
  })
  afterAll(() => rm(parent, { recursive: true, force: true }))
  const make = (name: string, family: Family, outside: boolean) =>
    createMethod({ names: readName(name), family, target: join(parent, name), root, outside })
  const manifestOf = async (name: string) =>
    JSON.parse(await readFile(join(parent, name, 'package.json'), 'utf8')) as Record<string, Record<string, string>>

  it('writes a package whose files carry the new name, and that says which method it holds', async () => {
    const files = await make('ridge-probe', 'rehearsal', false)
    expect(files).toContain(join('src', 'ridge-probe.ts'))
    for (const file of files)
      expect(await readFile(join(parent, 'ridge-probe', file), 'utf8')).not.toMatch(/my-method|myMethod|MyMethod|QUICK/)
    expect(existsSync(join(parent, 'ridge-probe', 'LICENSE'))).toBe(true)
    const { pilotjs, dependencies } = await manifestOf('ridge-probe')
    expect(pilotjs).toEqual({ method: 'ridge-probe' })
    expect(dependencies).toMatchObject({ '@pilotjs/core': 'workspace:^', '@pilotjs/rehearsal': 'workspace:^' })
  })

  it('never overwrites', async () => {
    await expect(make('ridge-probe', 'rehearsal', false)).rejects.toThrow(/is there already/)
  })

  it('names published versions outside the workspace, and brings settings along', async () => {
    const files = await make('elsewhere', 'adapter', true)
    expect(files).toContain('vitest.setup.ts')
    const { dependencies, devDependencies, peerDependencies } = await manifestOf('elsewhere')
    const ranges = Object.values({ ...dependencies, ...devDependencies, ...peerDependencies })
    for (const range of ranges) expect(range).toMatch(/^[~^]?\d/)
    expect(Object.keys(devDependencies!)).toEqual(expect.arrayContaining(['@pilotjs/testing', 'vitest', 'tsup']))
    for (const file of files)
      expect(await readFile(join(parent, 'elsewhere', file), 'utf8')).not.toMatch(/\.\.\/\.\.\/\.\./)
  })
})

describe('a new method of every family', () => {
  // Beside this package's node_modules, so that the published packages are found as installed ones would be.
  const parent = join(here, '../node_modules/.cache/families')
  afterAll(() => rm(parent, { recursive: true, force: true }))

  it('keeps the contract as it stands', { timeout: 1_200_000 }, async () => {
    await rm(parent, { recursive: true, force: true })
    for (const family of Object.keys(families) as Family[])
      await createMethod({
        names: readName(`${family}-probe`),
        family,
        target: join(parent, family),
        root,
        outside: true,
      })
    await cp(join(parent, 'prototype', 'vitest.config.ts'), join(parent, 'vitest.config.ts'))
    await cp(join(parent, 'prototype', 'vitest.setup.ts'), join(parent, 'vitest.setup.ts'))
    const { stdout } = await run(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run'], {
      cwd: parent,
    })
    expect(stdout).toMatch(/Test Files.*4 passed/)
  })
})
