import { cp, mkdir, readFile, readdir, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Family, families } from './families'
import type { MethodNames } from './names'
import { publishedVersions } from './published-versions'

/** What the templates call the method, in its spellings. */
const sample: MethodNames = {
  packageName: '@pilotjs/my-method',
  method: 'my-method',
  identifier: 'myMethod',
  title: 'MyMethod',
}

function renamed(text: string, names: MethodNames): string {
  return (['packageName', 'method', 'identifier', 'title'] as const).reduce(
    (changed, spelling) => changed.replaceAll(sample[spelling], names[spelling]),
    text,
  )
}

export interface CreateMethod {
  readonly names: MethodNames
  readonly family: Family
  /** Where it goes; it must not be there yet. */
  readonly target: string
  /** The repository, with `tools/create-method` in it. */
  readonly root: string
  /** Whether the package stands outside the workspace: published versions, settings of its own. */
  readonly outside: boolean
}

interface Manifest {
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
  peerDependencies: Record<string, string>
}

/**
 * Writes a method package under its new name.
 * @returns the files written, relative to `target`
 * @throws Error where `target` is there already: nothing is ever overwritten
 */
export async function createMethod({ names, family, target, root, outside }: CreateMethod): Promise<string[]> {
  if (await stat(target).catch(() => undefined))
    throw new Error(`${target} is there already: choose another name, or remove it first`)
  const tool = join(root, 'tools/create-method')
  await mkdir(target, { recursive: true })
  await cp(join(tool, 'template'), target, { recursive: true })
  if (outside) await cp(join(tool, 'standalone'), target, { recursive: true })
  await cp(join(tool, 'families', family, 'my-method.ts'), join(target, 'src/my-method.ts'))
  await cp(join(root, 'LICENSE'), join(target, 'LICENSE'))
  await writeManifest(join(target, 'package.json'), family, root, outside)

  const quick = await readFile(join(tool, 'families', family, 'quick.json'), 'utf8')
  const test = join(target, 'src/my-method.test.ts')
  const options = quick.trim().replaceAll(/"(\w+)":/g, '$1:')
  await writeFile(test, (await readFile(test, 'utf8')).replace('QUICK', options))
  return putNamesInto(target, names)
}

/** Puts the new names into every file, and into their own. */
async function putNamesInto(target: string, names: MethodNames): Promise<string[]> {
  const files = await readdir(target, { recursive: true, withFileTypes: true })
  const written: string[] = []
  for (const file of files.filter((entry) => entry.isFile())) {
    const from = join(file.parentPath, file.name)
    const to = join(file.parentPath, renamed(file.name, names))
    await writeFile(from, renamed(await readFile(from, 'utf8'), names))
    if (from !== to) await rename(from, to)
    written.push(to.slice(target.length + 1))
  }
  return written.sort()
}

async function writeManifest(file: string, family: Family, root: string, outside: boolean): Promise<void> {
  const manifest = JSON.parse(await readFile(file, 'utf8')) as Manifest
  for (const name of families[family]) manifest.dependencies[name] = 'workspace:^'
  if (outside) {
    const published = await publishedVersions(root)
    // What the workspace has at its top, a package of its own brings itself.
    const { devDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Manifest
    const tools = Object.fromEntries(['tsup', 'typescript', 'vitest'].map((name) => [name, devDependencies[name]!]))
    manifest.dependencies = await published(manifest.dependencies)
    manifest.peerDependencies = await published(manifest.peerDependencies)
    manifest.devDependencies = { ...(await published(manifest.devDependencies)), ...tools }
  }
  await writeFile(file, `${JSON.stringify(manifest, null, 2)}\n`)
}
