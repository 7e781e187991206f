import { existsSync, readdirSync } from 'node:fs'
import type { Method } from '@pilotjs/core'

const folder = new URL('../../../packages/methods/', import.meta.url)
/** Tests run from TypeScript's sources, the command from what was built. */
const entry = import.meta.url.endsWith('.ts') ? 'src/index.ts' : 'dist/index.js'

/** Every method of the house that cases may be of: whatever stands in `packages/methods`. */
export async function findMethods(): Promise<readonly Method[]> {
  const entries = readdirSync(folder).map((name) => new URL(`${name}/${entry}`, folder))
  const modules = entries
    .filter((url) => existsSync(url))
    .map((url) => import(url.href) as Promise<{ default: Method }>)
  return (await Promise.all(modules)).map(({ default: method }) => method)
}
