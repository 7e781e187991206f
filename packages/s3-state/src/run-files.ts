import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** A file of a run as it is now. */
export interface RunFile {
  /** Below the run's folder, with `/`. */
  readonly name: string
  readonly file: string
  readonly bytes: number
}

/** Files of a run that are whole: none that is hidden (locks, claims, what is being written) or half-written. */
export async function runFiles(folder: string): Promise<RunFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const found = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ file, name: relative(folder, file).split(sep).join('/') }))
    .filter(({ name }) => !name.endsWith('.tmp') && !name.split('/').some((part) => part.startsWith('.')))
  const sized = found.map(async (each) => ({ ...each, bytes: (await stat(each.file)).size }))
  return (await Promise.all(sized)).sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** SHA-256 of a file, hexadecimal. */
export async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
