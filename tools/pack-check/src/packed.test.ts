import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pack, publishedPackages } from './packages'

const run = promisify(execFile)
const packages = await publishedPackages()
const tarballs = new Map<string, string>()
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilotjs-pack-'))
  for (const published of packages) tarballs.set(published.name, await pack(published, folder))
}, 300_000)
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

it('the tarballs of core, data, eval and a method learn a stream in an empty project', async () => {
  const project = join(folder, 'project')
  await mkdir(project)
  const names = ['core', 'data', 'download', 'eval', 'linalg', 'statistics', 'simplecil'].map(
    (name) => `@pilotjs/${name}`,
  )
  const dependencies = Object.fromEntries(
    names.filter((name) => tarballs.has(name)).map((name) => [name, `file:${tarballs.get(name)!}`]),
  )
  await writeFile(
    join(project, 'package.json'),
    JSON.stringify({
      private: true,
      type: 'module',
      dependencies: { ...dependencies, '@tensorflow/tfjs-core': '4.22.0', '@tensorflow/tfjs-backend-cpu': '4.22.0' },
      overrides: dependencies,
    }),
  )
  await writeFile(join(project, 'main.mjs'), await readFile(new URL('__fixtures__/main.mjs', import.meta.url)))
  await run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: project })
  const { stdout } = await run(process.execPath, ['main.mjs'], { cwd: project })
  const { seen, last, slope } = JSON.parse(stdout) as { seen: number; last: number; slope: number }
  expect(seen).toBe(6)
  expect(slope).toBe(6)
  // Six flat colours: prototypes on even a random backbone tell them apart far better than chance.
  expect(last).toBeGreaterThan(60)
}, 300_000)
