import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** `2 × Intel(R) Xeon(R) …, 24 GB`: what a measurement says about where it was made. */
export function machine(): string {
  const all = cpus()
  return `${all.length} × ${all[0]?.model.trim() ?? 'an unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GB`
}

/** The commit that a checkout stands at. */
export async function commitOf(checkout: string): Promise<string> {
  const { stdout } = await promisify(execFile)('git', ['-C', checkout, 'rev-parse', '--short=10', 'HEAD'])
  return stdout.trim()
}

/** The version of a package whose folder is at hand. */
export async function versionOf(folder: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string }
  return version
}
