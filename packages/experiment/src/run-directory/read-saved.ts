import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { z } from 'zod'
import { ExperimentError, messageOf } from '../experiment-error'
import { STATE_FORMAT } from './saved-schemas'

/** Where a damaged file belongs: the config of its run, with which it could be begun anew. */
interface Belonging {
  readonly config?: string
}

/**
 * A JSON file of a run, checked.
 * @throws ExperimentError `damaged-run` naming the file and each field that is wrong
 */
export async function readSaved<T>(file: string, schema: z.ZodType<T>, { config }: Belonging = {}): Promise<T> {
  let written: unknown
  try {
    written = JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    const gone = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    const reason = gone ? 'it is missing' : messageOf(error)
    throw new ExperimentError('damaged-run', { file, config }, `cannot read ${file}: ${reason}`, { cause: error })
  }
  const read = schema.safeParse(written)
  // As it was written, its keys in their order: what is written from it later has the same bytes.
  if (read.success) return written as T
  const fields = read.error.issues.map(({ path }) => path.join('.'))
  const reasons = read.error.issues
    .slice(0, 3)
    .map(({ path, message }) => `${path.join('.') || 'as a whole'}: ${message}`)
  throw new ExperimentError('damaged-run', { file, fields, config }, `${file} is damaged: ${reasons.join('; ')}`)
}

/** SHA-256 of files, by their base names. */
export async function digestFiles(files: readonly string[]): Promise<Record<string, string>> {
  const digests = files.map(async (file) => {
    const hash = createHash('sha256')
    await pipeline(createReadStream(file), hash)
    return [basename(file), hash.digest('hex')] as const
  })
  return Object.fromEntries(await Promise.all(digests))
}

/**
 * Compares files with the digests that were saved with them.
 * @throws ExperimentError `state-format` where another version wrote them, `damaged-run` naming the first that is missing or
 *   not the same
 */
export async function requireUndamaged(
  files: readonly string[],
  state: { readonly format: number; readonly files: Readonly<Record<string, string>> },
  { config }: Belonging,
): Promise<void> {
  if (state.format !== STATE_FORMAT)
    throw new ExperimentError(
      'state-format',
      { folder: dirname(files[0]!), format: state.format, known: STATE_FORMAT },
      `${dirname(files[0]!)} was saved by another version: its state has format ${state.format}, this version reads ${STATE_FORMAT}`,
    )
  for (const file of files) {
    const { [basename(file)]: now } = await digestFiles([file]).catch((error: unknown) => {
      throw new ExperimentError('damaged-run', { file, config }, `cannot read ${file}: ${messageOf(error)}`, {
        cause: error,
      })
    })
    if (now !== state.files[basename(file)])
      throw new ExperimentError(
        'damaged-run',
        { file, config },
        `${file} is damaged: its checksum is not the one that it was saved with`,
      )
  }
}
