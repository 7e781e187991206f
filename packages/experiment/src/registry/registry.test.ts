import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createRegistry } from './registry'

let cwd = ''
beforeEach(async () => (cwd = await mkdtemp(join(tmpdir(), 'pilot-registry-'))))
afterEach(() => rm(cwd, { recursive: true, force: true }))

const METHOD = 'export default Object.assign(function means() {}, { options: { safeParse() {} } })'

async function install(place: string, name: string, fields: object, code = METHOD): Promise<void> {
  const folder = join(cwd, place, 'node_modules', name)
  await mkdir(folder, { recursive: true })
  const manifest = {
    name,
    version: '1.2.3',
    type: 'module',
    exports: { '.': './index.js', './package.json': './package.json' },
  }
  await writeFile(join(folder, 'package.json'), JSON.stringify({ ...manifest, ...fields }))
  await writeFile(join(folder, 'index.js'), code)
}

/** A program with `simplecil` among its dependencies. */
async function program(): Promise<string> {
  await install('program', '@house/simplecil', { pilotjs: { method: 'simplecil' } })
  const file = join(cwd, 'program', 'package.json')
  await writeFile(file, JSON.stringify({ name: 'program', dependencies: { '@house/simplecil': '*' } }))
  return file
}

it('finds what declares itself, by its name and by its package', async () => {
  await install('.', '@someone/means', { pilotjs: { method: 'means' } })
  await install('.', 'icons', { pilotjs: { dataset: 'icons' } }, "export default { name: 'icons', load() {} }")
  const registry = createRegistry({ cwd })
  expect(await registry.list('method')).toMatchObject([{ name: 'means', package: '@someone/means', bundled: false }])
  for (const name of ['means', '@someone/means']) {
    const { version, value } = await registry.load('method', name)
    expect([version, value.name]).toEqual(['1.2.3', 'means'])
  }
  expect((await registry.load('dataset', 'icons')).value.name).toBe('icons')
  await expect(registry.load('method', 'icons')).rejects.toMatchObject({ code: 'undeclared-package' })
})

it('never runs a package that does not say what it holds', async () => {
  await install('.', 'trap', {}, 'globalThis.trapped = true; export default {}')
  await expect(createRegistry({ cwd }).load('method', 'trap')).rejects.toMatchObject({ code: 'undeclared-package' })
  expect(globalThis).not.toHaveProperty('trapped')
})

it('means by a name what comes along with the program, whatever lies in the folder', async () => {
  const bundled = await program()
  await install('.', 'evil', { pilotjs: { method: 'simplecil' } }, 'globalThis.trapped = true; export default {}')
  const registry = createRegistry({ cwd, bundled })
  expect(await registry.load('method', 'simplecil')).toMatchObject({ package: '@house/simplecil', bundled: true })
  expect(globalThis).not.toHaveProperty('trapped')
  expect(await registry.shadowed('method')).toMatchObject([{ package: 'evil', name: 'simplecil' }])
})

it('says what is wrong with a package, and what is near a name', async () => {
  await install('.', 'empty', { pilotjs: { method: 'empty' } }, 'export const nothing = 1')
  await install('.', 'unbuilt', { pilotjs: { method: 'unbuilt' }, exports: './dist/index.js' })
  await install('.', 'throws', { pilotjs: { method: 'throws' } }, 'throw new Error("no")')
  const registry = createRegistry({ cwd })
  await expect(registry.load('method', 'empty')).rejects.toThrow('empty has no default export')
  await expect(registry.load('method', 'unbuilt')).rejects.toThrow('unbuilt is not built')
  await expect(registry.load('method', 'throws')).rejects.toThrow('throws cannot be imported: no')
  await expect(registry.load('method', 'emtpy')).rejects.toMatchObject({
    code: 'unknown-package',
    facts: { nearest: 'empty', known: ['empty', 'throws', 'unbuilt'] },
  })
})
