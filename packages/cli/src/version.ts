import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** This command's version, as its package.json has it. */
export function version(): string {
  const file = createRequire(import.meta.url).resolve('@pilotjs/cli/package.json')
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
