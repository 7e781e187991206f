import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { compilePrograms } from './compile'
import { makePhotos } from './photos'
import { programsOf, readPrograms } from './programs'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const folder = fileURLToPath(new URL('../.programs/', import.meta.url))
const programs = compilePrograms(readPrograms(root), root, folder)
const before = process.cwd()
beforeAll(() => makePhotos(join(folder, 'photos')))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
afterEach(() => {
  process.chdir(before)
  vi.restoreAllMocks()
})

describe('programs of READMEs', () => {
  it('are found', () => {
    expect(programs.length).toBeGreaterThan(25)
    expect(programsOf('x.md', 'a\n```ts\nb\n```\n```ts no-run\nc\n```\n```sh\nd\n```\n')).toEqual([
      { place: 'x.md:3', text: 'b\n', runs: true },
      { place: 'x.md:6', text: 'c\n', runs: false },
    ])
  })

  it.each(programs.map((program) => [program.place, program] as const))('%s compiles', (_, { problems }) => {
    expect(problems).toEqual([])
  })

  const running = programs.filter(({ runs }) => runs).map((program) => [program.place, program] as const)
  it.each(running)('%s runs', { timeout: 600_000 }, async (_, { file }) => {
    vi.spyOn(console, 'log').mockImplementation(() => undefined)
    process.chdir(folder)
    await expect(import(/* @vite-ignore */ file)).resolves.toBeDefined()
  })
})
