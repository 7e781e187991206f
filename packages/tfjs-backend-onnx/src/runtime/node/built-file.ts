import { existsSync } from 'node:fs'

/**
 * A file that a thread is made of: beside the built package, or in `dist` seen from the sources; undefined where nothing has been
 * built.
 */
export function builtFile(name: string): URL | undefined {
  return [`./${name}`, `../../../dist/${name}`, `../../dist/${name}`]
    .map((file) => new URL(file, import.meta.url))
    .find((url) => existsSync(url))
}
