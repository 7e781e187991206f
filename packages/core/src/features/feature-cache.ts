import * as tf from '@tensorflow/tfjs-core'
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import type { ExtractOptions, FeatureCache, FeatureExtractor } from '../contracts/features'
import type { LabeledImages } from '../contracts/images'
import { PilotError } from '../errors/pilot-error'
import { memoryBudget } from '../engine/memory-budget'
import { evenBatches, loadedTogether } from './even-batches'
import { flushEngine } from '../training/engine-hints'

/** Where a cache puts rows of features: in memory here, on disk in `@pilotjs/core/node`. */
export interface FeatureStore {
  /** @param id the extractor's; @param key the image's, its contents included where they are known */
  get(id: string, key: string): Float32Array | undefined | Promise<Float32Array | undefined>
  set(id: string, key: string, features: Float32Array): void | Promise<void>
}

/**
 * A store in memory that lets the least recently used rows go when it is full: at 1 GiB, or at an eighth of the memory budget.
 */
export function memoryFeatureStore(options: { maxBytes?: number } = {}): FeatureStore {
  const { maxBytes = Math.min(2 ** 30, memoryBudget() / 8) } = options
  const rows = new Map<string, Float32Array>()
  let bytes = 0
  const nameOf = (id: string, key: string) => `${id}\n${key}`
  return {
    get(id, key) {
      const name = nameOf(id, key)
      const row = rows.get(name)
      if (row) {
        // A map keeps the order of insertion: what was just used goes to the end.
        rows.delete(name)
        rows.set(name, row)
      }
      return row
    },
    set(id, key, features) {
      const name = nameOf(id, key)
      bytes += features.byteLength - (rows.get(name)?.byteLength ?? 0)
      rows.delete(name)
      rows.set(name, features)
      for (const [oldest, row] of rows) {
        if (bytes <= maxBytes || oldest === name) break
        rows.delete(oldest)
        bytes -= row.byteLength
      }
    },
  }
}

/** Images whose contents are asked for side by side: they may lie in files. */
const together = 32

/** Two different images have one key: what is kept for one would be given for the other. */
export class SampleKeyError extends PilotError<'equal-keys'> {
  override readonly name = 'SampleKeyError'

  constructor(readonly key: string) {
    super(
      'equal-keys',
      `The key '${key}' has come with two different images: features kept for one would stand for the other. ` +
        "Give every image a key of its own (arrayImages: leave out name, or choose one per set), and don't change images in use.",
      { key },
    )
  }
}

export interface CacheOptions {
  /** Images per forward call, where an extraction does not say. Default: what suits the images, see `forwardBatch`. */
  batchSize?: number
}

/**
 * Features computed once per image and extractor, kept in `store`. Where a set tells its images' contents, a key that comes with
 * another image is refused (`SampleKeyError`).
 */
export function createFeatureCache(store: FeatureStore, defaults: CacheOptions = {}): FeatureCache {
  const stats = { computed: 0, reused: 0 }
  /** What each key's image was when it was first asked for. */
  const contents = new Map<string, string>()
  /** The name that an image's row is kept by: its key, and where its contents are known, these. */
  const rowName = async (images: LabeledImages, position: number): Promise<string> => {
    const key = images.key(position)
    const fingerprint = await images.fingerprint?.(position)
    if (fingerprint === undefined) return key
    const earlier = contents.get(key)
    if (earlier !== undefined && earlier !== fingerprint) throw new SampleKeyError(key)
    contents.set(key, fingerprint)
    return `${key}\n${fingerprint}`
  }
  const namesFrom = (images: LabeledImages, first: number): Promise<string[]> => {
    const count = Math.min(together, images.length - first)
    return Promise.all(Array.from({ length: count }, (_, i) => rowName(images, first + i)))
  }
  return {
    stats,
    async extract(images, extractor, options = {}) {
      const { width, parts } = extractor
      if (parts) {
        const columns: Tensor2D[] = []
        try {
          for (const part of parts) columns.push(await this.extract(images, part, options))
          return tf.concat(columns, 1)
        } finally {
          tf.dispose(columns)
        }
      }
      // Without an extractor's id nothing is kept; with it, the same image prepared otherwise is another image.
      const id = extractor.id && `${await extractor.id()}/${images.preparation ?? ''}`
      const rows = new Float32Array(images.length * width)
      const missing: number[] = []
      const names: string[] = []
      for (let position = 0; position < images.length; position++) {
        if (id !== undefined && position % together === 0) names.push(...(await namesFrom(images, position)))
        const row = id === undefined ? undefined : await store.get(id, names[position]!)
        if (row?.length === width) rows.set(row, position * width)
        else missing.push(position)
      }
      stats.reused += images.length - missing.length
      for await (const [batchRows, done] of compute(images, missing, extractor, { ...defaults, ...options })) {
        for (let i = 0; i < batchRows.length / width; i++) {
          const position = missing[done + i]!
          const row = batchRows.slice(i * width, (i + 1) * width)
          rows.set(row, position * width)
          if (id !== undefined) await store.set(id, names[position]!, row)
        }
        stats.computed += batchRows.length / width
        options.onProgress?.(images.length - missing.length + done + batchRows.length / width, images.length)
      }
      return tf.tensor2d(rows, [images.length, width])
    },
  }
}

/** Features in memory for the life of the process. @param options.maxBytes default 1 GiB, or an eighth of the memory budget */
export const memoryFeatureCache = (options: { maxBytes?: number } & CacheOptions = {}): FeatureCache =>
  createFeatureCache(memoryFeatureStore(options), options)

/** Rows of features batch by batch, each read while the next is already computing, with how many rows came before. */
async function* compute(
  images: LabeledImages,
  positions: readonly number[],
  extractor: FeatureExtractor,
  options: ExtractOptions,
): AsyncGenerator<[rows: Float32Array, done: number]> {
  if (positions.length === 0) return
  const { batchSize } = options
  // What waits to be computed is none of the extractor's: an engine would build a program for both together.
  flushEngine()
  let pending: { readonly features: Tensor2D; readonly count: number } | undefined
  let done = 0
  const read = async ({ features, count }: NonNullable<typeof pending>): Promise<[Float32Array, number]> => {
    try {
      const rows = (await features.data()) as Float32Array
      const before = done
      done += count
      return [rows, before]
    } finally {
      features.dispose()
    }
  }
  try {
    const view = images.select(positions).batches({ size: batchSize ?? loadedTogether, view: 'eval' })
    for await (const batch of evenBatches([view], batchSize)) {
      options.signal?.throwIfAborted()
      const previous = pending
      pending = { features: extract(extractor, batch), count: batch.shape[0] }
      flushEngine()
      if (previous) yield await read(previous)
    }
    if (pending) {
      const last = pending
      pending = undefined
      yield await read(last)
    }
  } finally {
    pending?.features.dispose()
  }
}

const extract = (extractor: FeatureExtractor, images: Tensor4D): Tensor2D => tf.tidy(() => extractor.apply(images))
