import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { EngineError } from '../engine/engine-error'
import { loadTfjsNode } from './tfjs-node-bridge'

const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>
let folder: string

/** A package in a project of its own, as a user installs it beside this toolbox. */
async function install(name: string, source: string): Promise<void> {
  const home = join(folder, 'node_modules', name)
  await mkdir(home, { recursive: true })
  await writeFile(join(home, 'package.json'), JSON.stringify({ name, version: '4.22.0', main: 'index.js' }))
  await writeFile(join(home, 'index.js'), source)
}

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'pilot-bridge-')))
})
afterEach(() => vi.restoreAllMocks())
afterAll(() => rm(folder, { recursive: true }))

describe('loadTfjsNode', () => {
  it("finds the package in the program's folder, and gives node:util back what Node 23 removed", async () => {
    const had = { isNullOrUndefined: util.isNullOrUndefined, isArray: util.isArray }
    delete util.isNullOrUndefined
    delete util.isArray
    try {
      await install(
        'tfjs-node-sample',
        `const util = require('node:util')
         globalThis.sampleOfTfjsNode = [util.isNullOrUndefined(null), util.isNullOrUndefined(0), util.isArray([])]`,
      )
      vi.spyOn(process, 'cwd').mockReturnValue(folder)
      await loadTfjsNode('tfjs-node-sample')
      expect((globalThis as Record<string, unknown>).sampleOfTfjsNode).toEqual([true, false, true])
    } finally {
      Object.assign(util, had)
    }
  })

  it('says what to do about a binding that does not load', async () => {
    await install('tfjs-node-broken', 'throw new Error("libtensorflow.so.2: cannot open shared object file")')
    vi.spyOn(process, 'cwd').mockReturnValue(folder)
    const loading = loadTfjsNode('tfjs-node-broken')
    await expect(loading).rejects.toBeInstanceOf(EngineError)
    await expect(loading).rejects.toThrow(
      /native part does not load: libtensorflow\.so\.2[^]*npm rebuild tfjs-node-broken[^]*tools\/tfjs-node/,
    )
  })

  it('leaves a package that is not installed to be named by selectEngine', async () => {
    vi.spyOn(process, 'cwd').mockReturnValue(folder)
    await expect(loadTfjsNode('tfjs-node-absent')).rejects.toThrow('Cannot find package tfjs-node-absent')
  })
})
