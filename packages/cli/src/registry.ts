import { createRequire } from 'node:module'
import type { Registry } from '@pilotjs/experiment'
import { createRegistry } from '@pilotjs/experiment'

/** What this command brings along, what is in the workspace that `cwd` is in, and what is installed there. */
export const registryOf = (cwd: string): Registry =>
  createRegistry({ cwd, bundled: createRequire(import.meta.url).resolve('@pilotjs/cli/package.json') })
