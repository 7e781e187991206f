import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'

type Ranges = Readonly<Record<string, string>>

/**
 * Version ranges as a package outside the workspace needs them: `workspace:^` becomes the version that the house has now,
 * `catalog:` what its catalog says.
 */
export async function publishedVersions(root: string): Promise<(ranges: Ranges) => Promise<Ranges>> {
  const { catalog = {} } = parse(await readFile(join(root, 'pnpm-workspace.yaml'), 'utf8')) as { catalog?: Ranges }
  const versionOf = async (name: string): Promise<string> => {
    const file = join(root, 'packages', name.replace('@pilotjs/', ''), 'package.json')
    return (JSON.parse(await readFile(file, 'utf8')) as { version: string }).version
  }
  return async (ranges) =>
    Object.fromEntries(
      await Promise.all(
        Object.entries(ranges).map(async ([name, range]) => {
          if (range.startsWith('workspace:')) return [name, `^${await versionOf(name)}`] as const
          return [name, range === 'catalog:' ? catalog[name]! : range] as const
        }),
      ),
    )
}
