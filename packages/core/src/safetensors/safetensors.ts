import * as tf from '@tensorflow/tfjs-core'
import type { NamedTensors } from '../contracts/tensors'
import { decodeValues, encodeValues, storedDtype } from './codec'
import type { FloatStorage } from './codec'
import { formatHeader, headerLength, parseHeader } from './header'
import type { SafetensorsEntry, SafetensorsHeader } from './header'

export interface SafetensorsOptions {
  /** How floating-point tensors are stored. Default `float32`, exactly as they are. */
  dtype?: FloatStorage
  /** Texts kept in the file's header. */
  metadata?: Readonly<Record<string, string>>
  /**
   * Bytes that are no tensor, such as images: stored behind the tensors as U8 of one dimension. `storedBytes` gives them back.
   */
  bytes?: Readonly<Record<string, Uint8Array>>
}

/** The bytes of an entry as they lie in the file, copied. */
export const storedBytes = (file: Uint8Array, { start, end }: SafetensorsEntry): Uint8Array<ArrayBuffer> =>
  // Not `slice`: on Node's Buffer, that is a view.
  new Uint8Array(file.subarray(start, end))

/**
 * A file's header: names, dtypes, shapes and metadata, with nothing decoded.
 * @throws SafetensorsError naming the tensor that is wrong
 */
export function readSafetensorsHeader(bytes: Uint8Array): SafetensorsHeader {
  const length = headerLength(bytes, bytes.length)
  return parseHeader(bytes.subarray(8, 8 + length), bytes.length)
}

export interface ReadOptions {
  /** Which tensors to make; default all. */
  select?(name: string): boolean
}

/**
 * The tensors of a safetensors file (https://github.com/huggingface/safetensors#format), by name. F16, BF16 and F64 become
 * float32; I8 … I64 and U8 become int32. The caller disposes them.
 * @throws SafetensorsError naming the tensor that is wrong
 */
export function readSafetensors(bytes: Uint8Array, { select = () => true }: ReadOptions = {}): NamedTensors {
  const chosen = readSafetensorsHeader(bytes).entries.filter(({ name }) => select(name))
  // All is decoded before a tensor is made: an error leaves none behind.
  const decoded = chosen.map((entry) => ({ entry, ...decodeValues(entry, bytes) }))
  return Object.fromEntries(
    decoded.map(({ entry, values, dtype }) => [entry.name, tf.tensor(values, [...entry.shape], dtype)]),
  )
}

/**
 * A safetensors file piece by piece: the header, then each tensor's bytes in order. Tensors are read one at a time, so that
 * a large model is not in memory twice.
 */
export async function* safetensorsPieces(
  tensors: NamedTensors,
  { dtype = 'float32', metadata = {}, bytes = {} }: SafetensorsOptions = {},
): AsyncGenerator<Uint8Array> {
  const entries = Object.entries(tensors).map(([name, tensor]) => ({
    name,
    tensor,
    shape: tensor.shape,
    dtype: storedDtype(name, tensor.dtype, dtype),
  }))
  const beside = Object.entries(bytes).map(([name, own]) => ({ name, dtype: 'U8' as const, shape: [own.length] }))
  yield formatHeader([...entries, ...beside], metadata)
  for (const entry of entries) yield encodeValues(entry.name, await entry.tensor.data(), entry.dtype)
  yield* Object.values(bytes)
}

/**
 * Tensors as the bytes of a safetensors file. float32 tensors are stored as `dtype` says, int32 as I32, bool as BOOL.
 * @throws SafetensorsError where a tensor's dtype has no place in the format, or float16 is too small for a value
 */
export async function writeSafetensors(tensors: NamedTensors, options: SafetensorsOptions = {}): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const piece of safetensorsPieces(tensors, options)) pieces.push(piece)
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let position = 0
  for (const piece of pieces) {
    bytes.set(piece, position)
    position += piece.length
  }
  return bytes
}
