import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { entriesOf } from '../../docs/src/entries'
import { packAll, publishedPackages, root } from './packages'
import { requiresAll } from './programs'
import type { Project } from './project'
import { installProject } from './project'

const packages = await publishedPackages()
let tarballs: Map<string, string>
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilotjs-pack-'))
  tarballs = await packAll(packages, folder)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe.each(packages)('$name', (published) => {
  it('passes publint', async () => {
    const bytes = await readFile(tarballs.get(published.name)!)
    const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
    const { messages, pkg } = await publint({ pack: { tarball }, strict: true })
    expect(messages.map((message) => formatMessage(message, pkg ?? {}))).toEqual([])
  })

  it('has types that resolve as its code does', async () => {
    const result = await checkPackage(createPackageFromTarballData(await readFile(tarballs.get(published.name)!)))
    if (!result.types) throw new Error(`${published.name} ships no types`)
    // ES modules only: Node 20.19 and newer `require()` those too, the older resolutions are not served.
    const served = result.problems.filter(
      (problem) =>
        problem.kind !== 'CJSResolvesToESM' && !('resolutionKind' in problem && problem.resolutionKind === 'node10'),
    )
    expect(served).toEqual([])
  })
})

describe('a few of them in an empty project', () => {
  const names = ['core', 'data', 'download', 'eval', 'linalg', 'rehearsal', 'statistics', 'simplecil'].map(
    (name) => `@pilotjs/${name}`,
  )
  let project: Project
  beforeAll(async () => {
    const few = new Map([...tarballs].filter(([name]) => names.includes(name)))
    const peers = { '@tensorflow/tfjs-core': '4.22.0', '@tensorflow/tfjs-backend-cpu': '4.22.0' }
    project = await installProject(join(folder, 'project'), few, peers)
  })

  it('learn a stream', async () => {
    await project.write('main.mjs', await readFile(new URL('__fixtures__/main.mjs', import.meta.url), 'utf8'))
    const { seen, last, slope } = JSON.parse(await project.run(process.execPath, ['main.mjs'])) as Record<
      string,
      number
    >
    expect(seen).toBe(6)
    expect(slope).toBe(6)
    // Six flat colours: prototypes on even a random backbone tell them apart far better than chance.
    expect(last).toBeGreaterThan(60)
  })

  it('are required by CommonJS', async () => {
    const entries = entriesOf(root).filter(({ name }) => names.includes(name.split('/').slice(0, 2).join('/')))
    await project.write('all.cjs', requiresAll(entries))
    expect(Number(await project.run(process.execPath, ['--no-warnings', 'all.cjs']))).toBe(entries.length)
  })
})
