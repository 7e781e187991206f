import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
export const root = fileURLToPath(new URL('../../../', import.meta.url))

/** A package of the workspace that npm will see. */
export interface PublishedPackage {
  readonly name: string
  readonly folder: string
}

/** Every package under `packages/` that is not private. */
export async function publishedPackages(): Promise<PublishedPackage[]> {
  const found: PublishedPackage[] = []
  for (const parent of ['packages', 'packages/methods'])
    for (const entry of await readdir(join(root, parent))) {
      const folder = join(root, parent, entry)
      const manifest = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined)
      if (!manifest) continue
      const { name, private: hidden } = JSON.parse(manifest) as { name: string; private?: boolean }
      if (!hidden) found.push({ name, folder })
    }
  return found
}

/** Packs every published package as `pnpm publish` would, in one go. @returns the tarball of each, by the package's name */
export async function packAll(
  packages: readonly PublishedPackage[],
  destination: string,
): Promise<Map<string, string>> {
  const { packageManager } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    packageManager: string
  }
  const chosen = packages.map(({ name }) => `--filter=${name}`)
  const args = ['--yes', packageManager, '--recursive', ...chosen, 'pack', '--json', '--pack-destination', destination]
  const { stdout } = await run('npx', args, {
    cwd: root,
    maxBuffer: 1 << 26,
    shell: process.platform === 'win32',
    // npm warns of settings that pnpm hands on to it.
    env: { ...process.env, npm_config_loglevel: 'error' },
  })
  const report = JSON.parse(stdout.slice(stdout.search(/[[{]/))) as Packed | readonly Packed[]
  return new Map(
    [report].flat().map(({ name, filename }) => [name, isAbsolute(filename) ? filename : join(destination, filename)]),
  )
}

interface Packed {
  readonly name: string
  readonly filename: string
}
