import { evenBatches, type FeatureCache, type LabeledImages, type Learner, type Readout } from '@pilotjs/core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { tensor2d, tidy } from '@tensorflow/tfjs-core'
import type { TopK } from '../metrics/index'
import { topK } from '../metrics/index'

export interface ScoreOptions {
  readonly features: FeatureCache
  /** How many of the best classes to keep per image. */
  readonly k: number
  /** Images per forward call. Default 64. */
  readonly batchSize?: number
  readonly signal?: AbortSignal
  onProgress?(done: number, total: number): void
}

/** Images to be scored together. */
export interface ScoreSet {
  readonly images: LabeledImages
  /** Only these may be predicted (task-incremental). */
  readonly among?: readonly number[]
}

export interface ScoredImages {
  readonly head: TopK
  readonly nearestMean?: TopK
}

/** Rows of features read at once: bounds what a random projection of 10,000 columns holds. */
const ROWS = 512

/**
 * Scores sets of images and keeps the best classes of each image. A learner with a readout has its features taken through the
 * cache, so that a frozen extractor sees every image once a run, and head and nearest mean read the same features.
 * @returns one entry a set, in order
 */
export function scoreImages(
  learner: Learner,
  sets: readonly ScoreSet[],
  options: ScoreOptions,
): Promise<ScoredImages[]> {
  const { readout } = learner
  return readout ? scoreFeatures(readout, sets, options) : scoreBatches(learner, sets, options)
}

async function scoreFeatures(
  readout: Readout,
  sets: readonly ScoreSet[],
  options: ScoreOptions,
): Promise<ScoredImages[]> {
  const { width } = readout.extractor
  const total = countOf(sets)
  const rows = new Float32Array(total * width)
  let done = 0
  for (const { images } of sets) {
    const features = await options.features.extract(images, readout.extractor, {
      batchSize: options.batchSize ?? 64,
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

  const head = topCollector(sets, options.k)
  const nearestMean = readout.nearestMean && topCollector(sets, options.k)
  // Blocks of one shape, the last filled up with zeros: an engine then needs one program for them all.
  const block = Math.min(ROWS, 2 ** Math.ceil(Math.log2(Math.max(1, total))))
  for (let first = 0; first < total; first += block) {
    options.signal?.throwIfAborted()
    const values = new Float32Array(block * width)
    values.set(rows.subarray(first * width, (first + block) * width))
    const features = tensor2d(values, [block, width])
    const count = Math.min(block, total - first)
    try {
      await head.add(
        tidy(() => readout.score(features)),
        count,
      )
      await nearestMean?.add(
        tidy(() => readout.nearestMean!(features)),
        count,
      )
    } finally {
      features.dispose()
    }
  }
  const heads = head.done()
  const means = nearestMean?.done()
  return heads.map((own, set) => ({ head: own, ...(means ? { nearestMean: means[set]! } : {}) }))
}

async function scoreBatches(
  learner: Learner,
  sets: readonly ScoreSet[],
  options: ScoreOptions,
): Promise<ScoredImages[]> {
  const { batchSize = 64 } = options
  const total = countOf(sets)
  const head = topCollector(sets, options.k)
  let done = 0
  const views = sets.map(({ images }) => images.batches({ size: batchSize, view: 'eval' }))
  for await (const images of evenBatches(views, batchSize)) {
    options.signal?.throwIfAborted()
    const count = images.shape[0]
    await head.add(await learner.score(images), count)
    done += count
    options.onProgress?.(done, total)
  }
  return head.done().map((own) => ({ head: own }))
}

const countOf = (sets: readonly ScoreSet[]) => sets.reduce((sum, { images }) => sum + images.length, 0)

/** Gathers top-k rows out of score tensors, which it disposes, as they come: all images of all sets, one after the other. */
function topCollector(sets: readonly ScoreSet[], k: number) {
  const gathered = sets.map(() => ({ k: 0, classes: [] as number[] }))
  let set = 0
  let left = sets[0]?.images.length ?? 0
  return {
    /** @param count rows that are images; what follows is filling */
    async add(scores: Tensor2D, count: number): Promise<void> {
      const classes = scores.shape[1]
      let values: ArrayLike<number>
      try {
        values = await scores.data()
      } finally {
        scores.dispose()
      }
      for (let row = 0; row < count;) {
        while (left === 0) left = sets[++set]!.images.length
        const rows = Math.min(left, count - row)
        const own = Array.prototype.slice.call(values, row * classes, (row + rows) * classes) as number[]
        const { among } = sets[set]!
        requireNumbers(own, classes)
        const top = among ? topKAmong(own, classes, k, among) : topK(own, classes, k)
        gathered[set]!.k = top.k
        for (const c of top.classes) gathered[set]!.classes.push(c)
        row += rows
        left -= rows
      }
    },
    done: (): TopK[] =>
      gathered.map(({ k: kept, classes }) => ({ k: kept === 0 ? k : kept, classes: Int32Array.from(classes) })),
  }
}

/** @throws Error where an image has no score that is a number: whatever was predicted for it would be chance */
function requireNumbers(scores: readonly number[], classes: number): void {
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
