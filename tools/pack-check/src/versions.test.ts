import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { publishedPackages, root } from './packages'

const json = async <T>(file: string) => JSON.parse(await readFile(file, 'utf8')) as T

it('all packages have one version, and changesets keep it so', async () => {
  const packages = await publishedPackages()
  const versions = packages.map(
    async ({ folder }) => (await json<{ version: string }>(join(folder, 'package.json'))).version,
  )
  expect(new Set(await Promise.all(versions)).size).toBe(1)
  const { fixed } = await json<{ fixed: string[][] }>(join(root, '.changeset/config.json'))
  expect(fixed).toEqual([['@pilotjs/*']])
})
