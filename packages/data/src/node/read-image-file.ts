import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import * as fs from 'node:fs'
import { promisify } from 'node:util'

/** Where a piece of a file begins, and how many bytes it has. */
export type Span = readonly [start: number, length: number]

/** Pieces of a file, and how many bytes it has in all. */
export interface FileBytes {
  readonly pieces: readonly Uint8Array[]
  readonly size: number
}

/** Reads pieces of a file. @param which of them, by how many bytes there are */
export type FileReader = (file: string, which: (size: number) => readonly Span[]) => Promise<FileBytes>

export const whole = (size: number): readonly Span[] => [[0, size]]

// With plain descriptors: a handle of node:fs/promises costs twice the time.
const [open, fstat, read, close] = [promisify(fs.open), promisify(fs.fstat), promisify(fs.read), promisify(fs.close)]

/** Waits for another thread at every step: for whoever has other things to do. */
export const readFileBytes: FileReader = async (file, which) => {
  const opened = await open(file, 'r')
  try {
    const { size } = await fstat(opened)
    const pieces: Uint8Array[] = []
    for (const [start, length] of which(size)) {
      const { buffer, bytesRead } = await read(opened, new Uint8Array(length), 0, length, start)
      pieces.push(buffer.subarray(0, bytesRead))
    }
    return { pieces, size }
  } finally {
    await close(opened)
  }
}

/** The same at once: to wait for another thread four times costs more than to read a photograph does. */
export function readFileBytesSync(file: string, which: (size: number) => readonly Span[]): FileBytes {
  const opened = openSync(file, 'r')
  try {
    const { size } = fstatSync(opened)
    const pieces = which(size).map(([start, length]) => {
      const bytes = new Uint8Array(length)
      return bytes.subarray(0, readSync(opened, bytes, 0, length, start))
    })
    return { pieces, size }
  } finally {
    closeSync(opened)
  }
}

/** A disk that lets a reader wait longer than so many milliseconds is no local one. */
const longWait = 2
/** Files that are read asynchronously after such a wait. */
const files = 64

/**
 * Reads at once while files are at hand; asynchronously, so that several are on their way together, where they come from far
 * away. For threads that have nothing else to do, and for the main one where it works in slices (`timeSlices`).
 * @param atOnce, now for tests
 */
export function adaptiveReader(
  atOnce: typeof readFileBytesSync = readFileBytesSync,
  now: () => number = () => performance.now(),
): FileReader {
  let asynchronous = 0
  return async (file, which) => {
    if (asynchronous > 0) {
      asynchronous--
      return readFileBytes(file, which)
    }
    const began = now()
    const found = atOnce(file, which)
    if (now() - began > longWait) asynchronous = files
    return found
  }
}
