import { createRequire } from 'node:module'
import type { Registry } from '@pilotjs/experiment'
import { createRegistry } from '@pilotjs/experiment'

/** The package.json whose dependencies this command brings along. */
export const bundledPackages = (): string => createRequire(import.meta.url).resolve('@pilotjs/cli/package.json')

/** What this command brings along, what is in the workspace that `cwd` is in, and what is installed there. */
export const registryOf = (cwd: string): Registry => createRegistry({ cwd, bundled: bundledPackages() })
