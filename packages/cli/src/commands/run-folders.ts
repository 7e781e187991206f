import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { RunConfig } from '@pilotjs/experiment'
import { UsageError } from '../usage-error'

/** Where runs go that were given no `--out`. */
const RUNS = 'runs'

/** `runs/l2p-icons-100-1993`, or with `-2`, `-3`, … behind it where that is taken. */
export function newRunFolder(cwd: string, name: string): string {
  for (let copy = 1; ; copy++) {
    const folder = join(cwd, RUNS, copy === 1 ? name : `${name}-${copy}`)
    if (!existsSync(folder)) return folder
  }
}

/** A folder's name out of what is run: method, data and, for a single one, seed. */
export function runName({ method, data, seed }: RunConfig, several: boolean): string {
  const words = [method.replace(/^@/, ''), basename(data.name), ...(several ? [] : [String(seed)])]
  return words.join('-').replace(/[^\w.-]+/g, '-')
}

/**
 * The runs that a path means: itself, or where it is a folder of runs (a demo, several seeds) each of them.
 * @throws UsageError where there is no run
 */
export async function runFolders(path: string, cwd: string): Promise<string[]> {
  const folder = resolve(cwd, path)
  const isRun = (candidate: string) => existsSync(join(candidate, 'config.json'))
  if (isRun(folder)) return [folder]
  if (!existsSync(folder)) throw new UsageError(`there is no run ${path}`)
  const inside = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const runs = inside
    .filter((each) => each.isDirectory() && isRun(join(folder, each.name)))
    .map(({ name }) => join(folder, name))
    .sort()
  if (runs.length === 0) throw new UsageError(`${path} is no run, and holds none: a run has a config.json`)
  return runs
}
