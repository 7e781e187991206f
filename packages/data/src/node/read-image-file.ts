import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { open } from 'node:fs/promises'

/** Bytes of a file, and how many it has in all. */
export interface FileBytes {
  readonly bytes: Uint8Array
  readonly size: number
}

/** Reads the first bytes of a file. @param length how many, by how many there are */
export async function readFileBytes(file: string, length: (size: number) => number): Promise<FileBytes> {
  const opened = await open(file, 'r')
  try {
    const { size } = await opened.stat()
    const bytes = new Uint8Array(length(size))
    const { bytesRead } = await opened.read(bytes, 0, bytes.length, 0)
    return { bytes: bytes.subarray(0, bytesRead), size }
  } finally {
    await opened.close()
  }
}

/** The same at once: four calls that wait for another thread cost more than reading a photograph does. */
export function readFileBytesSync(file: string, length: (size: number) => number): FileBytes {
  const opened = openSync(file, 'r')
  try {
    const { size } = fstatSync(opened)
    const bytes = new Uint8Array(length(size))
    return { bytes: bytes.subarray(0, readSync(opened, bytes, 0, bytes.length, 0)), size }
  } finally {
    closeSync(opened)
  }
}

/** A disk that lets a reader wait longer than so many milliseconds is no local one. */
const longWait = 2
/** Files that are read asynchronously after such a wait. */
const files = 64

/**
 * How a thread that has nothing else to do reads: at once while files are at hand; asynchronously, so that several are on their
 * way together, where they come from far away.
 * @param read, now for tests
 */
export function threadReader(
  read: typeof readFileBytesSync = readFileBytesSync,
  now: () => number = () => performance.now(),
): typeof readFileBytes {
  let asynchronous = 0
  return async (file, length) => {
    if (asynchronous > 0) {
      asynchronous--
      return readFileBytes(file, length)
    }
    const began = now()
    const found = read(file, length)
    if (now() - began > longWait) asynchronous = files
    return found
  }
}
