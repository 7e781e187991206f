import { existsSync } from 'node:fs'
import { readFile, readdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { getPackages } from '@manypkg/get-packages'

/** A package that says in its package.json that it holds a method: `"pilotjs": { "method": "l2p" }`. */
export interface MethodPackage {
  /** As in `pilot run l2p`. */
  readonly method: string
  readonly package: string
  readonly version: string
  readonly folder: string
}

/**
 * Every method that is at hand, the nearest first: packages of the workspace one stands in, then what is installed in
 * `node_modules` here and above, then what this command brings along. Where two have a name, the nearest wins.
 */
export async function findMethods(cwd: string): Promise<MethodPackage[]> {
  const folders = [...(await workspaceFolders(cwd)), ...(await installedFolders(cwd)), ...(await ownFolders())]
  const read = await Promise.all(folders.map(readMethodPackage))
  const byName = new Map<string, MethodPackage>()
  for (const found of read) if (found && !byName.has(found.method)) byName.set(found.method, found)
  return [...byName.values()].sort((a, b) => a.method.localeCompare(b.method))
}

/** What a folder's package.json says of a method; undefined for every other package, and for a broken file. */
export async function readMethodPackage(folder: string): Promise<MethodPackage | undefined> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined)
  // Most packages are none: a look at the text saves parsing hundreds of files.
  if (!text?.includes('"pilotjs"')) return undefined
  try {
    const { name, version, pilotjs } = JSON.parse(text) as {
      name?: unknown
      version?: unknown
      pilotjs?: { method?: unknown }
    }
    if (typeof name !== 'string' || typeof pilotjs?.method !== 'string') return undefined
    return { method: pilotjs.method, package: name, version: String(version ?? ''), folder }
  } catch {
    return undefined
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

/** This command's dependencies, wherever its package manager put them. */
async function ownFolders(): Promise<string[]> {
  const require = createRequire(import.meta.url)
  const file = require.resolve('@pilotjs/cli/package.json')
  const { dependencies = {} } = JSON.parse(await readFile(file, 'utf8')) as { dependencies?: Record<string, string> }
  return Object.keys(dependencies).flatMap((name) => {
    try {
      return dirname(require.resolve(`${name}/package.json`))
    } catch {
      return []
    }
  })
}

const list = async (folder: string): Promise<string[]> => (existsSync(folder) ? readdir(folder) : [])
