import { open } from 'node:fs/promises'
import type { NamedTensors } from '../contracts/tensors'
import { SafetensorsError, readSafetensors, safetensorsPieces } from '../safetensors/index'
import type { ReadOptions, SafetensorsOptions } from '../safetensors/index'
import type { AtomicFileOptions } from './atomic-file'
import { writeFileAtomic } from './atomic-file'

/**
 * The tensors of a safetensors file on disk; see `readSafetensors`.
 * @throws SafetensorsError naming the file and the tensor that is wrong
 */
export async function readSafetensorsFile(path: string, options?: ReadOptions): Promise<NamedTensors> {
  const bytes = await readWholeFile(path)
  try {
    return readSafetensors(bytes, options)
  } catch (error) {
    if (error instanceof SafetensorsError) throw new SafetensorsError(`${path}: ${error.message}`)
    throw error
  }
}

/** Writes tensors to a safetensors file, atomically and one tensor at a time; see `writeSafetensors`. */
export async function writeSafetensorsFile(
  path: string,
  tensors: NamedTensors,
  { makeFolder, ...options }: SafetensorsOptions & AtomicFileOptions = {},
): Promise<void> {
  await writeFileAtomic(path, safetensorsPieces(tensors, options), { makeFolder })
}

/** Most bytes that one read takes: Node refuses 2 GiB and more at a time. */
const CHUNK = 1 << 30

/** A file's bytes, of any size. */
export async function readWholeFile(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r')
  try {
    const bytes = new Uint8Array((await file.stat()).size)
    for (let at = 0; at < bytes.length;) {
      const { bytesRead } = await file.read(bytes, at, Math.min(CHUNK, bytes.length - at), at)
      if (bytesRead === 0) throw new Error(`${path} became shorter while it was read`)
      at += bytesRead
    }
    return bytes
  } finally {
    await file.close()
  }
}
