import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { refusalOf } from './refusal'
import { makeFolder } from './make-folder'

export interface AtomicFileOptions {
  readonly makeFolder?: boolean
}

/**
 * Writes a file so that its path holds either what was there before or all of the new content, whatever happens in
 * between: into a neighbour first, flushed to the disk, then renamed.
 * @param options.makeFolder whether a folder that is missing is made (default), or its absence is an error
 */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  options: AtomicFileOptions = {},
): Promise<void> {
  const folder = dirname(path)
  const neighbour = `${path}.${randomUUID()}.tmp`
  try {
    if (options.makeFolder !== false) await makeFolder(folder)
    const file = await open(neighbour, 'wx')
    try {
      if (typeof content === 'string' || content instanceof Uint8Array) await file.writeFile(content)
      else for await (const piece of content) await file.writeFile(piece)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(neighbour, path)
  } catch (error) {
    await rm(neighbour, { force: true }).catch(() => undefined)
    throw explain(error, path)
  }
}

function explain(error: unknown, path: string): unknown {
  const refusal = refusalOf(error)
  return refusal === undefined ? error : new Error(`cannot write ${path}: ${refusal}`, { cause: error })
}
