import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { root } from './packages'

interface Manifest {
  readonly name: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

const manifestAt = (folder: string) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest

/** Every package that `npm install` of these brings along: dependencies, and peers that are not optional, of all of them. */
export function dependencyClosure(names: readonly string[]): Set<string> {
  const found = new Set<string>()
  const visit = (name: string, from: string) => {
    if (found.has(name)) return
    found.add(name)
    const folder = folderOf(name, from)
    // A platform's binaries, which this machine does not have.
    if (folder === undefined) return
    const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifestAt(folder)
    const peers = Object.keys(peerDependencies).filter((peer) => !peerDependenciesMeta[peer]?.optional)
    for (const next of [...Object.keys(dependencies), ...peers]) visit(next, folder)
  }
  for (const name of names) visit(name, root)
  return found
}

/** Where a package lies: in the workspace, or in a `node_modules` above who asks for it. */
function folderOf(name: string, from: string): string | undefined {
  if (name.startsWith('@pilotjs/'))
    for (const parent of ['packages', 'packages/methods']) {
      const folder = join(root, parent, name.slice('@pilotjs/'.length))
      if (existsSync(join(folder, 'package.json'))) return folder
    }
  const paths = createRequire(join(from, 'package.json')).resolve.paths(name) ?? []
  return paths.map((path) => join(path, name)).find((folder) => existsSync(join(folder, 'package.json')))
}
