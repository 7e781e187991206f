import { readFileSync } from 'node:fs'
import { readSafetensors } from '@pilotjs/core/safetensors'
import type { NamedTensors } from '@pilotjs/core'
import { dispose } from '@tensorflow/tfjs-core'

export interface RecordedArray {
  readonly shape: readonly number[]
  readonly values: Float32Array | Int32Array
}

export type RecordedArrays = Readonly<Record<string, RecordedArray>>

/** The values of tensors, read off the engine. */
export async function valuesOf(tensors: NamedTensors): Promise<RecordedArrays> {
  const entries = Object.entries(tensors).map(
    async ([name, tensor]) =>
      [name, { shape: [...tensor.shape], values: (await tensor.data()) as Float32Array | Int32Array }] as const,
  )
  return Object.fromEntries(await Promise.all(entries))
}

/** A safetensors file as plain arrays; an error names the file. */
export async function readArrays(file: string): Promise<RecordedArrays> {
  let tensors: NamedTensors
  try {
    tensors = readSafetensors(readFileSync(file))
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
  const arrays = await valuesOf(tensors)
  dispose(Object.values(tensors))
  return arrays
}
