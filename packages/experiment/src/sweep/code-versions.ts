import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Loaded, Registry } from '../registry/registry'
import { installedPackages } from '../same-ingredients'
import type { SweepRun } from './sweep-run'

/**
 * Versions of all that computes a run, with a digest of the code of this toolbox's packages behind them, so that two builds of
 * one version are told apart: `0.4.0+1f0c9a3b`.
 */
export async function codeVersions(
  { config }: Pick<SweepRun, 'config'>,
  registry: Registry,
): Promise<Record<string, string>> {
  const method: Loaded<'method'> = await registry.load('method', config.method)
  const found = installedPackages(method, config.engine)
  const folders: Record<string, { version: string; folder: string }> = {
    ...Object.fromEntries(found.map(({ name, version, file }) => [name, { version, folder: dirname(file) }])),
    [method.package]: method,
  }
  const versions: Record<string, string> = {}
  for (const [name, { version, folder }] of Object.entries(folders)) {
    const ours = name.startsWith('@pilotjs/') || name === method.package
    const digest = ours ? await (digests.get(folder) ?? remembered(folder)) : undefined
    versions[name] = digest === undefined ? version : `${version}+${digest}`
  }
  return versions
}

/** Differences of versions in words; nothing where they agree. Packages that only one side names do not count. */
export const otherVersions = (
  sweep: Readonly<Record<string, string>>,
  here: Readonly<Record<string, string>>,
): string[] =>
  Object.entries(here)
    .filter(([name, version]) => sweep[name] !== undefined && sweep[name] !== version)
    .map(([name, version]) => `${name} is ${version} here, ${sweep[name]!} there`)

const digests = new Map<string, Promise<string | undefined>>()

function remembered(folder: string): Promise<string | undefined> {
  const digest = digestOfCode(folder)
  digests.set(folder, digest)
  return digest
}

/** Of what a package is built to; undefined where it has no `dist`. */
async function digestOfCode(folder: string): Promise<string | undefined> {
  const built = join(folder, 'dist')
  if (!existsSync(built)) return undefined
  const hash = createHash('sha256')
  const files = (await readdir(built, { recursive: true })).filter((name) => /\.(js|mjs|cjs)$/.test(name)).sort()
  for (const name of files) hash.update(name.replaceAll('\\', '/')).update(await readFile(join(built, name)))
  return hash.digest('hex').slice(0, 8)
}
