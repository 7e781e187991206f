import type { BatchOptions, LabeledImages } from '@pilotjs/core'
import type { ImageSource } from '../dataset/dataset'
import { inProcessLoader } from '../loader/image-loader'
import type { ImageLoader } from '../loader/image-loader'
import { preparationOf } from '../transforms/transforms'
import type { Transforms } from '../transforms/transforms'
import { makeBatches } from './batches'
import type { Origin, Sample } from './sample'

/** Where images come from and how they are prepared: shared by all views of a stream. */
export interface ImageSupply {
  readonly transforms: Transforms
  /** Default: the main thread. */
  readonly loader?: ImageLoader
  /** Decides the augmentation, together with a sample's key and the epoch. Default 0. */
  readonly seed?: number
  /** Batches made ahead of the one in use. Default 2. */
  readonly prefetch?: number
}

/** The rows of a view: which origin, and which image of it. Views of this package know each other's, for `concat`. */
interface Rows {
  readonly origins: readonly Origin[]
  readonly originOf: Uint16Array
  readonly indices: Int32Array
}

const rowsOf = new WeakMap<LabeledImages, Rows>()

/** Where a sample of a view comes from; undefined for images that were not made here. */
export function sampleAt(images: LabeledImages, position: number): Sample | undefined {
  const rows = rowsOf.get(images)
  return rows && { origin: rows.origins[rows.originOf[position]!]!, index: rows.indices[position]! }
}

/**
 * Images of a source as a learner sees them.
 * @param indices which images, in this order
 * @param labels in stream order, one an index
 * @throws RangeError when labels and indices differ in number, or an index lies outside the source
 */
export function labeledImages(
  source: ImageSource,
  indices: ArrayLike<number>,
  labels: ArrayLike<number>,
  supply: ImageSupply,
): LabeledImages {
  if (indices.length !== labels.length) {
    throw new RangeError(`labeledImages: ${indices.length} images need as many labels, got ${labels.length}`)
  }
  const { transforms, loader = inProcessLoader(), seed = 0, prefetch = 2 } = supply
  if (!Number.isInteger(prefetch) || prefetch < 0) {
    throw new RangeError(`prefetch counts batches: it must be an integer of at least 0, got ${prefetch}`)
  }
  const origin: Origin = { source, transforms, loader, seed, prefetch }
  const rows = {
    origins: [origin],
    originOf: new Uint16Array(indices.length),
    indices: pick('labeledImages', source.length, indices),
  }
  return view(rows, Int32Array.from(labels))
}

function view(rows: Rows, labels: Int32Array): LabeledImages {
  const { origins, originOf, indices } = rows
  const sample = (position: number): Sample => ({ origin: origins[originOf[position]!]!, index: indices[position]! })
  const preparations = new Set(origins.map(({ transforms }) => preparationOf(transforms)))
  const images: LabeledImages = {
    length: labels.length,
    labels,
    preparation: preparations.size === 1 ? [...preparations][0] : undefined,
    key(position) {
      if (!(position >= 0 && position < labels.length)) {
        throw new RangeError(`key: no sample at ${position}, there are ${labels.length}`)
      }
      const { origin, index } = sample(position)
      return origin.source.key(index)
    },
    fingerprint(position) {
      const { origin, index } = sample(position)
      return knownFingerprint(origin.source, index)
    },
    select(positions) {
      const picked = pick('select', labels.length, positions)
      return view(
        { origins, originOf: Uint16Array.from(picked, (p) => originOf[p]!), indices: picked.map((p) => indices[p]!) },
        picked.map((p) => labels[p]!),
      )
    },
    concat(other) {
      const others = rowsOf.get(other)
      if (!others) throw new TypeError('concat takes images made by @pilotjs/data; wrap your own as an ImageSource')
      const all = [...new Set([...origins, ...others.origins])]
      const renumber = (from: Rows) => Uint16Array.from(from.originOf, (o) => all.indexOf(from.origins[o]!))
      return view(
        {
          origins: all,
          originOf: join(Uint16Array, renumber(rows), renumber(others)),
          indices: join(Int32Array, indices, others.indices),
        },
        join(Int32Array, labels, other.labels),
      )
    },
    batches: (options: BatchOptions) => makeBatches({ labels, sample }, options),
  }
  rowsOf.set(images, rows)
  return images
}

const fingerprints = new WeakMap<ImageSource, (string | Promise<string>)[]>()

/** A source's fingerprint of an image, looked up once: views of one source are asked for it again and again. */
function knownFingerprint(source: ImageSource, index: number): string | undefined | Promise<string> {
  if (!source.fingerprint) return undefined
  let known = fingerprints.get(source)
  if (!known) fingerprints.set(source, (known = []))
  return (known[index] ??= source.fingerprint(index))
}

function pick(verb: string, length: number, positions: ArrayLike<number>): Int32Array {
  const picked = Int32Array.from(positions)
  const wrong = picked.findIndex((position, i) => position < 0 || position >= length || position !== positions[i])
  if (wrong >= 0)
    throw new RangeError(`${verb}: no image at ${positions[wrong]}, there are ${length} (0 … ${length - 1})`)
  return picked
}

function join<T extends Uint16Array | Int32Array>(kind: new (length: number) => T, first: T, second: T): T {
  const out = new kind(first.length + second.length)
  out.set(first)
  out.set(second, first.length)
  return out
}
