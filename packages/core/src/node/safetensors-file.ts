import { readFile } from 'node:fs/promises'
import type { NamedTensors } from '../contracts/tensors'
import { SafetensorsError, readSafetensors, safetensorsPieces } from '../safetensors/index'
import type { ReadOptions, SafetensorsOptions } from '../safetensors/index'
import { writeFileAtomic } from './atomic-file'

/**
 * The tensors of a safetensors file on disk; see `readSafetensors`.
 * @throws SafetensorsError naming the file and the tensor that is wrong
 */
export async function readSafetensorsFile(path: string, options?: ReadOptions): Promise<NamedTensors> {
  const bytes = await readFile(path)
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
  options?: SafetensorsOptions,
): Promise<void> {
  await writeFileAtomic(path, safetensorsPieces(tensors, options))
}
