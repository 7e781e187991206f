import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'

/** Files up to this size are read whole. */
const wholeBytes = 64 * 1024
/** Read at the beginning and at the end of larger ones. */
const edgeBytes = 16 * 1024

/**
 * What tells a file's contents from others without reading much: a hash of size and contents, of larger files of size, beginning
 * and end. An encoded image that is replaced by another differs in these.
 */
export async function fileFingerprint(file: string): Promise<string> {
  const opened = await open(file, 'r')
  try {
    const { size } = await opened.stat()
    const hash = createHash('sha256').update(`${size}\n`)
    const length = size <= wholeBytes ? size : edgeBytes
    for (const position of size <= wholeBytes ? [0] : [0, size - edgeBytes]) {
      const { buffer, bytesRead } = await opened.read(new Uint8Array(length), 0, length, position)
      hash.update(buffer.subarray(0, bytesRead))
    }
    return hash.digest('hex').slice(0, 32)
  } finally {
    await opened.close()
  }
}
