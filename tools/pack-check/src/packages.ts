import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
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

/** Packs one package as `pnpm publish` would; returns the tarball's path. */
export async function pack({ folder }: PublishedPackage, destination: string): Promise<string> {
  const { packageManager } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    packageManager: string
  }
  const { stdout } = await run('npx', ['--yes', packageManager, 'pack', '--json', '--pack-destination', destination], {
    cwd: folder,
    maxBuffer: 1 << 24,
  })
  const report = JSON.parse(stdout.slice(stdout.indexOf('{'))) as { filename: string }
  return report.filename.startsWith('/') ? report.filename : join(destination, report.filename)
}
