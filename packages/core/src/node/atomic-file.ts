import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolder } from './make-folder'

/**
 * Writes a file so that its path holds either what was there before or all of the new content, whatever happens in
 * between: into a neighbour first, flushed to the disk, then renamed.
 */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  const folder = dirname(path)
  const neighbour = `${path}.${randomUUID()}.tmp`
  try {
    await makeFolder(folder)
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

const remedies: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; free some space, nothing that was saved before is lost',
  EDQUOT: 'the disk quota is used up; free some space, nothing that was saved before is lost',
  EACCES: 'no permission to write there; choose another folder',
  EPERM: 'no permission to write there; choose another folder',
  EROFS: 'the file system is read-only; choose another folder',
  EEXIST: 'a part of the path is a file, not a folder; choose another folder',
  EISDIR: 'there is a folder of that name; choose another name',
  ENOENT: 'no folder can be made there; choose another one',
  ENOTDIR: 'a part of the path is a file, not a folder; choose another folder',
}

function explain(error: unknown, path: string): unknown {
  const { code } = error as NodeJS.ErrnoException
  const remedy = code === undefined ? undefined : remedies[code]
  return remedy === undefined ? error : new Error(`cannot write ${path}: ${remedy}`, { cause: error })
}
