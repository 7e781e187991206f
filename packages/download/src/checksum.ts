import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'

/** How a file's content is told from another; `git` is what git calls it: SHA-1 of a short header and the content. */
export interface Checksum {
  readonly algorithm: 'md5' | 'sha256' | 'git'
  /** In hexadecimal. */
  readonly digest: string
}

/** The digest of a file's content, in hexadecimal. */
export async function digestOfFile(path: string, algorithm: Checksum['algorithm']): Promise<string> {
  const hash = createHash(algorithm === 'git' ? 'sha1' : algorithm)
  if (algorithm === 'git') hash.update(`blob ${(await stat(path)).size}\0`)
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash)
  return hash.digest('hex')
}
