import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The package's folder, from its source as from its build. */
const home = resolve(dirname(fileURLToPath(import.meta.url)), '..')

/** Reduced copies: per method one case, tasks 0 and 1. */
export const fixtures = join(home, 'fixtures')

/** The full records beside the repository where they are, else the reduced copies. */
export function defaultGolden(): string {
  const full = resolve(home, '../../../shared/golden')
  return existsSync(full) ? full : fixtures
}
