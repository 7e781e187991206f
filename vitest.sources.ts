import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vitest/config'

const here = fileURLToPath(new URL('.', import.meta.url))

/** The TypeScript source of a workspace package, so that tests never run against a stale build. */
export function sourceOf(id: string): string | undefined {
  const [, name, entry = 'index'] = /^@pilotjs\/([^/]+)(?:\/(.+))?$/.exec(id) ?? []
  return ['packages', 'packages/methods', 'tools']
    .flatMap((folder) => [`${entry}.ts`, `${entry}/index.ts`].map((file) => `${here}${folder}/${name}/src/${file}`))
    .find((file) => existsSync(file))
}

/** Resolves packages of this workspace to their sources. */
export const workspaceSources: Plugin = {
  name: 'workspace-sources',
  enforce: 'pre',
  resolveId: (id) => (id.startsWith('@pilotjs/') ? sourceOf(id) : undefined),
}
