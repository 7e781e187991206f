import { existsSync } from 'node:fs'
import { readFile, readdir, realpath } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { getPackages } from '@manypkg/get-packages'
import type { PackageKind } from './package-kinds'

/** A package that says in its package.json what it holds: `"pilotjs": { "method": "l2p" }`. */
export interface FoundPackage {
  readonly kind: PackageKind
  /** As in `method: 'l2p'`. */
  readonly name: string
  readonly package: string
  readonly version: string
  readonly folder: string
  /** Whether it comes along with the program, rather than from the folder one stands in. */
  readonly bundled: boolean
}

const kinds: readonly PackageKind[] = ['method', 'backbone', 'dataset']

/**
 * Every package at hand that holds something: those that the program brings along, then those of the workspace that `cwd` is in,
 * then what is installed in `node_modules` there and above. Nothing is imported.
 * @param bundled a package.json; what it depends on comes first
 */
export async function findPackages(cwd: string, bundled?: string): Promise<FoundPackage[]> {
  const own = bundled === undefined ? [] : await dependencyFolders(bundled)
  const around = [...(await workspaceFolders(cwd)), ...(await installedFolders(cwd))]
  const found = await Promise.all([
    ...own.map((folder) => readPackage(folder, true)),
    ...around.map((folder) => readPackage(folder, false)),
  ])
  const met = new Set<string>()
  return found.flat().filter(({ kind, folder }) => {
    const place = `${kind}\n${folder}`
    const isNew = !met.has(place)
    met.add(place)
    return isNew
  })
}

/** What a folder's package.json says that it holds; nothing for every other package, and for a broken file. */
export async function readPackage(folder: string, bundled: boolean): Promise<FoundPackage[]> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined)
  // Most packages hold nothing: a look at the text saves parsing hundreds of files.
  if (!text?.includes('"pilotjs"')) return []
  try {
    const { name, version, pilotjs } = JSON.parse(text) as Record<string, unknown>
    if (typeof name !== 'string' || typeof pilotjs !== 'object' || pilotjs === null) return []
    const place = await realpath(folder)
    return kinds.flatMap((kind) => {
      const own = (pilotjs as Record<string, unknown>)[kind]
      return typeof own === 'string'
        ? [
            {
              kind,
              name: own,
              package: name,
              version: typeof version === 'string' ? version : '',
              folder: place,
              bundled,
            },
          ]
        : []
    })
  } catch {
    return []
  }
}

async function workspaceFolders(cwd: string): Promise<string[]> {
  try {
    const { packages } = await getPackages(cwd)
    return packages.map(({ dir }) => dir)
  } catch {
    // Not in a package at all.
    return []
  }
}

async function installedFolders(cwd: string): Promise<string[]> {
  const found: string[] = []
  for (let folder = cwd; ; folder = dirname(folder)) {
    const modules = join(folder, 'node_modules')
    for (const name of await list(modules)) {
      if (name.startsWith('.')) continue
      if (name.startsWith('@')) found.push(...(await list(join(modules, name))).map((own) => join(modules, name, own)))
      else found.push(join(modules, name))
    }
    if (dirname(folder) === folder) return found
  }
}

/** What a package depends on, wherever its package manager put that. */
async function dependencyFolders(packageJson: string): Promise<string[]> {
  const { dependencies = {} } = JSON.parse(await readFile(packageJson, 'utf8')) as {
    dependencies?: Record<string, string>
  }
  const require = createRequire(packageJson)
  return Object.keys(dependencies).flatMap((name) => {
    try {
      return dirname(require.resolve(`${name}/package.json`))
    } catch {
      return []
    }
  })
}

const list = async (folder: string): Promise<string[]> => (existsSync(folder) ? readdir(folder).catch(() => []) : [])
