import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vitest/config'

const here = fileURLToPath(new URL('.', import.meta.url))

/** Packages with another entry of the same name in Node. */
const withNodeEntry = ['classifier']

/** The TypeScript source of a workspace package, so that tests never run against a stale build. */
export function sourceOf(id: string, inNode = true): string | undefined {
  const [, name = '', named] = /^@pilotjs\/([^/]+)(?:\/(.+))?$/.exec(id) ?? []
  const entry = named ?? (inNode && withNodeEntry.includes(name) ? 'node' : 'index')
  return ['packages', 'packages/methods', 'tools']
    .flatMap((folder) => [`${entry}.ts`, `${entry}/index.ts`].map((file) => `${here}${folder}/${name}/src/${file}`))
    .find((file) => existsSync(file))
}

/** Resolves packages of this workspace to their sources. */
export const workspaceSources: Plugin = {
  name: 'workspace-sources',
  enforce: 'pre',
  resolveId: (id, _, { ssr }: { ssr?: boolean }) =>
    id.startsWith('@pilotjs/') ? sourceOf(id, ssr === true) : undefined,
}
