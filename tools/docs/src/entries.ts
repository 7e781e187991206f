import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** What a program imports: a package, or an entry of one. */
export interface Entry {
  /** `@pilotjs/core/node` */
  readonly name: string
  /** The source that it is built from, from the repository's root. */
  readonly source: string
}

interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly exports?: Readonly<Record<string, string | { readonly types?: string }>>
}

/** Every entry of every published package, as the packages' own `exports` say. */
export function entriesOf(root: string): Entry[] {
  const folders = ['packages', 'packages/methods'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => `${parent}/${name}`),
  )
  return folders
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .flatMap((folder) => {
      const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest
      if (manifest.private) return []
      return Object.entries(manifest.exports ?? {}).flatMap(([entry, target]) => {
        const types = typeof target === 'string' ? undefined : target.types
        const source = types && `${folder}/${types.replace(/^\.\/dist\//, 'src/').replace(/\.d\.ts$/, '.ts')}`
        if (source === undefined || !types?.startsWith('./dist/')) return []
        return [{ name: `${manifest.name}${entry.slice(1)}`, source: existing(root, source) }]
      })
    })
}

/** The source of an entry: the file of its name, or the index of a folder of that name. */
function existing(root: string, source: string): string {
  const found = [source, source.replace(/\.ts$/, '/index.ts')].find((file) => existsSync(join(root, file)))
  if (found === undefined) throw new Error(`${source} is missing: what is the entry built from?`)
  return found
}
