import { safetensorsPieces } from '@pilotjs/core/safetensors'
import type { NamedTensors } from '@pilotjs/core'
import type { RgbImage } from '@pilotjs/data'
import { tensor2d } from '@tensorflow/tfjs-core'
import type { Ingredients } from '../state/ingredients'
import type { Knowledge } from '../state/knowledge'
import type { Description } from './description'
import { formatVersion } from './description'

/** Names in the file: `learner.NAME` are the learner's tensors. */
export const places = {
  learner: 'learner.',
  features: 'heldOut.features',
  heldOutImages: 'heldOut.images',
  exemplars: 'exemplars.images',
  metadata: 'pilotjs.classifier',
} as const

/** A classifier as a safetensors file, piece by piece. What is known may be replaced meanwhile, but not let go of. */
export async function* filePieces(known: Knowledge, made: Ingredients): AsyncGenerator<Uint8Array> {
  const { heldOut } = known
  const state = known.shared?.learner.state()
  const rows = heldOut.images.flatMap(({ features }) => (features ? [features] : []))
  const held = heldOut.images.flatMap(({ image }) => (image ? [image] : []))
  const exemplars = [...known.exemplars]
  const features = rows.length > 0 ? tensor2d(joined(rows, Float32Array), [rows.length, rows[0]!.length]) : undefined
  const description: Description = {
    version: formatVersion,
    method: made.method.method.name,
    options: made.method.options as Description['options'],
    seed: made.seed,
    ...(made.plan && { plan: made.plan }),
    backbone: { name: made.backbone.name, fingerprint: await made.backbone.fingerprint() },
    preprocessing: made.preprocessing as Description['preprocessing'],
    classes: [...known.classes],
    counts: [...known.counts],
    tasks: known.tasks,
    named: known.named,
    calibration: known.calibration,
    ...(state && { learner: state.json as Description['learner'] }),
    heldOut: {
      extractor: heldOut.extractor,
      images: heldOut.images.map(({ label, taught, image }) => ({ label, taught, ...(image && sizeOf(image)) })),
    },
    exemplars: exemplars.map(([key, image]) => ({ key, ...sizeOf(image) })),
  }
  const tensors: NamedTensors = {
    ...Object.fromEntries(Object.entries(state?.tensors ?? {}).map(([name, own]) => [`${places.learner}${name}`, own])),
    ...(features && { [places.features]: features }),
  }
  const bytes = {
    ...(held.length > 0 && { [places.heldOutImages]: joined(held.map(dataOf), Uint8Array) }),
    ...(exemplars.length > 0 && {
      [places.exemplars]: joined(
        exemplars.map(([, image]) => dataOf(image)),
        Uint8Array,
      ),
    }),
  }
  try {
    yield* safetensorsPieces(tensors, { metadata: { [places.metadata]: JSON.stringify(description) }, bytes })
  } finally {
    features?.dispose()
  }
}

const sizeOf = ({ width, height }: RgbImage) => ({ width, height })
const dataOf = ({ data }: RgbImage) => data

function joined<T extends Float32Array | Uint8Array>(
  parts: readonly ArrayLike<number>[],
  kind: new (length: number) => T,
): T {
  const all = new kind(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
