import { evenBatches, loadedTogether } from '@pilotjs/core/features'
import { flushEngine } from '@pilotjs/core/training'
import type { FeatureCache, FeatureExtractor, LabeledImages, Learner, Readings } from '@pilotjs/core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { tensor2d, tidy } from '@tensorflow/tfjs-core'
import type { TopK } from '../metrics/index'
import { topK } from '../metrics/index'

export interface ScoreOptions {
  readonly features: FeatureCache
  /** How many of the best classes to keep per image. */
  readonly k: number
  /** Images per forward call. Default: what suits the images and the memory, see core's `forwardBatch`. */
  readonly batchSize?: number
  readonly signal?: AbortSignal
  onProgress?(done: number, total: number): void
}

/** Images to be scored together. */
export interface ScoreSet {
  readonly images: LabeledImages
  /** Only these may be predicted (task-incremental). */
  readonly among?: readonly number[]
  /** Lists of classes: the best of each list is told as well. */
  readonly within?: readonly (readonly number[])[]
}

/** The best classes of each image, and the best one within each list that was asked for: a list an entry, an image a number. */
export interface ScoredSet extends TopK {
  readonly within?: readonly Int32Array[]
}

/** By the names of the learner's readings. */
export type ScoredImages = Readonly<Record<string, ScoredSet>>

/** Rows of features read at once: bounds what a random projection of 10,000 columns holds. */
const ROWS = 512

/**
 * Scores sets of images and keeps the best classes of each image, for every reading. Features of a frozen extractor are taken
 * through the cache, so that it sees every image once a run; those of any other never leave the engine, and of them what is
 * frozen (`known`) comes from the cache. All readings read the same features.
 * @returns one entry a set, in order
 */
export function scoreImages(
  learner: Learner,
  sets: readonly ScoreSet[],
  options: ScoreOptions,
): Promise<ScoredImages[]> {
  return isFrozen(learner.extractor) ? scoreFeatures(learner, sets, options) : scoreBatches(learner, sets, options)
}

/** Whether a cache can keep what this extractor gives. */
const isFrozen = ({ id, parts }: FeatureExtractor): boolean => id !== undefined || (parts?.some(isFrozen) ?? false)

/** Features of all images of all sets through the cache, one after the other. */
async function featureRows(
  extractor: FeatureExtractor,
  sets: readonly ScoreSet[],
  options: Omit<ScoreOptions, 'k'>,
): Promise<Float32Array> {
  const { width } = extractor
  const total = countOf(sets)
  const rows = new Float32Array(total * width)
  let done = 0
  for (const { images } of sets) {
    const features = await options.features.extract(images, extractor, {
      ...(options.batchSize !== undefined && { batchSize: options.batchSize }),
      signal: options.signal,
      onProgress: (own) => options.onProgress?.(done + own, total),
    })
    try {
      rows.set(await features.data(), done * width)
    } finally {
      features.dispose()
    }
    done += images.length
  }
  return rows
}

async function scoreFeatures(
  { extractor, readings }: Learner,
  sets: readonly ScoreSet[],
  options: ScoreOptions,
): Promise<ScoredImages[]> {
  const { width } = extractor
  const total = countOf(sets)
  const rows = await featureRows(extractor, sets, options)
  const collect = collectorOf(readings, sets, options.k)
  // Blocks of one shape, the last filled up with zeros: an engine then needs one program for them all.
  const block = Math.min(ROWS, 2 ** Math.ceil(Math.log2(Math.max(1, total))))
  for (let first = 0; first < total; first += block) {
    options.signal?.throwIfAborted()
    const values = new Float32Array(block * width)
    values.set(rows.subarray(first * width, (first + block) * width))
    const features = tensor2d(values, [block, width])
    try {
      await collect.add(features, Math.min(block, total - first))
    } finally {
      features.dispose()
    }
  }
  return collect.done()
}

async function scoreBatches(
  { extractor, readings }: Learner,
  sets: readonly ScoreSet[],
  options: ScoreOptions,
): Promise<ScoredImages[]> {
  const { batchSize } = options
  const total = countOf(sets)
  const collect = collectorOf(readings, sets, options.k)
  const { known } = extractor
  const knownRows = known && (await featureRows(known, sets, { ...options, onProgress: undefined }))
  let done = 0
  const views = sets.map(({ images }) => images.batches({ size: batchSize ?? loadedTogether, view: 'eval' }))
  // A size that was asked for may be part of the result, where images of a batch vote: the last batch is then not cut up.
  for await (const images of evenBatches(views, batchSize, batchSize === undefined ? 'pieces' : 'whole')) {
    options.signal?.throwIfAborted()
    const count = images.shape[0]
    const features = tidy(() => {
      if (!known) return extractor.apply(images)
      const rows = knownRows!.slice(done * known.width, (done + count) * known.width)
      return extractor.apply(images, tensor2d(rows, [count, known.width]))
    })
    // Readings change with every class that comes: an engine need not compile the network with them again.
    flushEngine()
    try {
      await collect.add(features, count)
    } finally {
      features.dispose()
    }
    done += count
    options.onProgress?.(done, total)
  }
  return collect.done()
}

/** Reads features in every way there is, and gathers the best classes of each. */
function collectorOf(readings: Readings, sets: readonly ScoreSet[], k: number) {
  const collectors = Object.entries(readings).map(([name, read]) => ({ name, read, top: topCollector(sets, k) }))
  return {
    async add(features: Tensor2D, count: number): Promise<void> {
      const scores = collectors.map(({ read }) => tidy(() => read(features)))
      for (const [i, { top }] of collectors.entries()) await top.add(scores[i]!, count)
    },
    done(): ScoredImages[] {
      const tops = collectors.map(({ name, top }) => [name, top.done()] as const)
      return sets.map((_, set) => Object.fromEntries(tops.map(([name, own]) => [name, own[set]!])))
    },
  }
}

const countOf = (sets: readonly ScoreSet[]) => sets.reduce((sum, { images }) => sum + images.length, 0)

/** Gathers top-k rows out of score tensors, which it disposes, as they come: all images of all sets, one after the other. */
function topCollector(sets: readonly ScoreSet[], k: number) {
  const gathered = sets.map(({ within }) => ({
    k: 0,
    classes: [] as number[],
    within: within?.map(() => [] as number[]),
  }))
  let set = 0
  let left = sets[0]?.images.length ?? 0
  return {
    /** @param count rows that are images; what follows is filling */
    async add(scores: Tensor2D, count: number): Promise<void> {
      const classes = scores.shape[1]
      let values: Float32Array | Int32Array | Uint8Array
      try {
        values = await scores.data()
      } finally {
        scores.dispose()
      }
      for (let row = 0; row < count;) {
        while (left === 0) left = sets[++set]!.images.length
        const rows = Math.min(left, count - row)
        const own = values.subarray(row * classes, (row + rows) * classes)
        const { among, within } = sets[set]!
        requireNumbers(own, classes)
        const top = among ? topKAmong(own, classes, k, among) : topK(own, classes, k)
        gathered[set]!.k = top.k
        for (const c of top.classes) gathered[set]!.classes.push(c)
        within?.forEach((list, at) => gathered[set]!.within![at]!.push(...topKAmong(own, classes, 1, list).classes))
        row += rows
        left -= rows
      }
    },
    done: (): ScoredSet[] =>
      gathered.map(({ k: kept, classes, within }) => ({
        k: kept === 0 ? k : kept,
        classes: Int32Array.from(classes),
        ...(within ? { within: within.map((best) => Int32Array.from(best)) } : {}),
      })),
  }
}

/** @throws Error where an image has no score that is a number: whatever was predicted for it would be chance */
function requireNumbers(scores: ArrayLike<number>, classes: number): void {
  for (let first = 0; first < scores.length; first += classes) {
    const end = first + classes
    let at = first
    while (at < end && Number.isNaN(scores[at]!)) at++
    if (at === end)
      throw new Error(
        "the learner's scores are NaN for all classes: training has diverged or weights or images hold such numbers; " +
          'lower the learning rate, or check backbone and data',
      )
  }
}

/** Top-k where the candidates are known: their columns alone, under their own numbers. */
function topKAmong(scores: ArrayLike<number>, classes: number, k: number, among: readonly number[]): TopK {
  const images = scores.length / classes
  const columns = new Float32Array(images * among.length)
  for (let image = 0; image < images; image++)
    among.forEach((c, column) => (columns[image * among.length + column] = scores[image * classes + c]!))
  const top = topK(columns, among.length, k)
  return { k: top.k, classes: top.classes.map((column) => among[column]!) }
}
