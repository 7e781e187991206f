import { createHash } from 'node:crypto'
import { readFileBytes } from './read-image-file'
import type { FileBytes, Span } from './read-image-file'

/** Files up to this size are read whole. */
const wholeBytes = 64 * 1024
/** Read at the beginning and at the end of larger ones. */
const edgeBytes = 16 * 1024

/**
 * What tells a file's contents from others without reading much: a hash of size and contents, of larger files of size, beginning
 * and end. An encoded image that is replaced by another differs in these.
 */
export async function fileFingerprint(file: string, read = readFileBytes): Promise<string> {
  return fingerprintOf(await read(file, (size) => fingerprintSpans(size)))
}

/** What a fingerprint is made of. @param beginning how much of a file's beginning is wanted for something else */
export function fingerprintSpans(size: number, beginning = 0): readonly Span[] {
  if (size <= wholeBytes) return [[0, size]]
  return [
    [0, Math.min(size, Math.max(edgeBytes, beginning))],
    [size - edgeBytes, edgeBytes],
  ]
}

/** The fingerprint, by the pieces that `fingerprintSpans` asks for. */
export function fingerprintOf({ size, pieces: [beginning, end] }: FileBytes): string {
  const hash = createHash('sha256').update(`${size}\n`)
  if (end) hash.update(beginning!.subarray(0, edgeBytes)).update(end)
  else hash.update(beginning!)
  return hash.digest('hex').slice(0, 32)
}
