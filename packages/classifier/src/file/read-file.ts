import { PilotError } from '@pilotjs/core'
import { SafetensorsError, readSafetensors, readSafetensorsHeader, storedBytes } from '@pilotjs/core/safetensors'
import type { NamedTensors } from '@pilotjs/core'
import type { RgbImage } from '@pilotjs/data'
import { dispose } from '@tensorflow/tfjs-core'
import type { Description } from './description'
import { descriptionSchema } from './description'
import { places } from './write-file'

/** A classifier's file, checked. */
export interface ClassifierFile {
  readonly description: Description
  /** The learner's tensors; whoever reads the file disposes them. */
  readonly tensors: NamedTensors
  /** Rows of the held-out images that are features. */
  readonly features: readonly Float32Array[]
  readonly heldOutImages: readonly RgbImage[]
  readonly exemplars: ReadonlyMap<string, RgbImage>
}

const damaged = (reason: string, cause?: unknown) =>
  new PilotError('invalid-classifier', `this is no classifier's file, or it is damaged: ${reason}`, {}, { cause })

/** What stands in the header. @throws PilotError `invalid-classifier` */
export function readDescription(bytes: Uint8Array): Description {
  let text: string | undefined
  try {
    text = readSafetensorsHeader(bytes).metadata[places.metadata]
  } catch (error) {
    throw damaged(error instanceof Error ? error.message : String(error), error)
  }
  if (text === undefined) throw damaged(`its header has no "${places.metadata}"`)
  let written: unknown
  try {
    written = JSON.parse(text)
  } catch (error) {
    throw damaged(`"${places.metadata}" is no JSON`, error)
  }
  const read = descriptionSchema.safeParse(written)
  if (read.success) return read.data
  const [first] = read.error.issues
  throw damaged(`${first!.path.join('.') || places.metadata}: ${first!.message}`)
}

/** @throws PilotError `invalid-classifier` */
export async function readClassifierFile(bytes: Uint8Array, description: Description): Promise<ClassifierFile> {
  const { entries } = readSafetensorsHeader(bytes)
  const find = (name: string) => entries.find((entry) => entry.name === name)
  const images = (name: string, sizes: readonly { width: number; height: number }[]) => {
    const entry = find(name)
    return split(name, entry ? storedBytes(bytes, entry) : new Uint8Array(), sizes)
  }
  const sizes = description.heldOut.images.flatMap(({ width, height }) =>
    width === undefined || height === undefined ? [] : [{ width, height }],
  )
  const heldOutImages = images(places.heldOutImages, sizes)
  const kept = images(places.exemplars, description.exemplars)
  let tensors: NamedTensors
  try {
    tensors = readSafetensors(bytes, {
      select: (name) => name.startsWith(places.learner) || name === places.features,
    })
  } catch (error) {
    throw error instanceof SafetensorsError ? damaged(error.message, error) : error
  }
  const { [places.features]: matrix, ...own } = tensors
  try {
    const wanted = description.heldOut.images.length - sizes.length
    const [rows = 0, width = 0] = matrix?.shape ?? []
    if (rows !== wanted) throw damaged(`${places.features} has ${rows} rows, not ${wanted}`)
    const values = (await matrix?.data()) as Float32Array | undefined
    return {
      description,
      tensors: Object.fromEntries(
        Object.entries(own).map(([name, tensor]) => [name.slice(places.learner.length), tensor]),
      ),
      features: Array.from({ length: rows }, (_, row) => values!.slice(row * width, (row + 1) * width)),
      heldOutImages,
      exemplars: new Map(description.exemplars.map(({ key }, i) => [key, kept[i]!])),
    }
  } catch (error) {
    dispose(own)
    throw error
  } finally {
    matrix?.dispose()
  }
}

function split(
  name: string,
  bytes: Uint8Array,
  sizes: readonly { readonly width: number; readonly height: number }[],
): RgbImage[] {
  const wanted = sizes.reduce((sum, { width, height }) => sum + width * height * 3, 0)
  if (wanted !== bytes.length) throw damaged(`${name} has ${bytes.length} bytes, not ${wanted}`)
  let at = 0
  return sizes.map(({ width, height }) => {
    const data = bytes.slice(at, (at += width * height * 3))
    return { width, height, data }
  })
}
