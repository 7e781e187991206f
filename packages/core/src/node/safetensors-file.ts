import { type FileHandle, open } from 'node:fs/promises'
import * as tf from '@tensorflow/tfjs-core'
import type { NamedTensors } from '../contracts/tensors'
import { decodeBuffer } from '../safetensors/codec'
import { type SafetensorsHeader, headerLength, parseHeader } from '../safetensors/header'
import { SafetensorsError, safetensorsPieces } from '../safetensors/index'
import type { ReadOptions, SafetensorsOptions } from '../safetensors/index'
import type { AtomicFileOptions } from './atomic-file'
import { writeFileAtomic } from './atomic-file'

/** Most bytes that one read takes: Node refuses 2 GiB and more at a time. */
const CHUNK = 1 << 30

/** A safetensors file on disk of which nothing but the header has been read. */
export interface SafetensorsFile extends SafetensorsHeader {
  /**
   * Reads tensors one after the other, so that a large file is not in memory beside them; see `readSafetensors`.
   * @throws SafetensorsError naming the file and the tensor that is wrong
   */
  read(options?: ReadOptions): Promise<NamedTensors>
}

/** Opens a safetensors file. @throws SafetensorsError naming the file and what is wrong with its header */
export async function openSafetensorsFile(path: string): Promise<SafetensorsFile> {
  const header = await reading(path, async (file, size) => {
    const start = await bytesAt(file, 0, Math.min(8, size))
    return parseHeader(await bytesAt(file, 8, headerLength(start, size)), size)
  })
  return {
    ...header,
    read: ({ select = () => true } = {}) =>
      reading(path, async (file) => {
        const tensors: Record<string, tf.Tensor> = {}
        try {
          for (const { name, dtype, shape, start, end } of header.entries) {
            if (!select(name)) continue
            const decoded = decodeBuffer(name, dtype, (await bytesAt(file, start, end - start)).buffer)
            tensors[name] = tf.tensor(decoded.values, [...shape], decoded.dtype)
          }
          return tensors
        } catch (error) {
          tf.dispose(tensors)
          throw error
        }
      }),
  }
}

/** The tensors of a safetensors file on disk; see `openSafetensorsFile`. */
export const readSafetensorsFile = async (path: string, options?: ReadOptions): Promise<NamedTensors> =>
  (await openSafetensorsFile(path)).read(options)

/** Works on an open file; names it in errors. */
async function reading<T>(path: string, work: (file: FileHandle, size: number) => Promise<T>): Promise<T> {
  const file = await open(path, 'r')
  try {
    return await work(file, (await file.stat()).size)
  } catch (error) {
    if (error instanceof SafetensorsError) throw new SafetensorsError(`${path}: ${error.message}`)
    throw error
  } finally {
    await file.close()
  }
}

async function bytesAt(file: FileHandle, first: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length;) {
    const { bytesRead } = await file.read(bytes, at, Math.min(CHUNK, length - at), first + at)
    if (bytesRead === 0) throw new SafetensorsError('the file became shorter while it was read')
    at += bytesRead
  }
  return bytes
}

/** Writes tensors to a safetensors file, atomically and one tensor at a time; see `writeSafetensors`. */
export async function writeSafetensorsFile(
  path: string,
  tensors: NamedTensors,
  { makeFolder, ...options }: SafetensorsOptions & AtomicFileOptions = {},
): Promise<void> {
  await writeFileAtomic(path, safetensorsPieces(tensors, options), { makeFolder })
}

/** A file's bytes, of any size. */
export async function readWholeFile(path: string): Promise<Uint8Array> {
  return reading(path, (file, size) => bytesAt(file, 0, size))
}
