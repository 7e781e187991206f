import type { FeatureCache, LabeledImages, Learner } from '@pilotjs/core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { slice, tidy } from '@tensorflow/tfjs-core'
import type { TopK } from '../metrics/index'
import { topK } from '../metrics/index'

export interface ScoreOptions {
  readonly features: FeatureCache
  /** How many of the best classes to keep per image. */
  readonly k: number
  /** Only these may be predicted (task-incremental). */
  readonly among?: readonly number[]
  /** Images per forward call. Default 64. */
  readonly batchSize?: number
  readonly signal?: AbortSignal
  onProgress?(done: number, total: number): void
}

export interface ScoredImages {
  readonly head: TopK
  readonly nearestMean?: TopK
}

/** Rows read off features at once: bounds what a random projection of 10,000 columns holds. */
const ROWS = 512

/**
 * Scores images and keeps the best classes of each. A learner with a readout has its features taken through the cache,
 * so that a frozen extractor sees every image once a run and its head and nearest mean read the same features.
 */
export async function scoreImages(
  learner: Learner,
  images: LabeledImages,
  options: ScoreOptions,
): Promise<ScoredImages> {
  const { readout } = learner
  const keep = topCollector(options)
  if (!readout) {
    await scoreBatches(learner, images, options, keep)
    return { head: keep.done() }
  }
  const means = topCollector(options)
  const features = await options.features.extract(images, readout.extractor, {
    batchSize: options.batchSize ?? 64,
    signal: options.signal,
    onProgress: options.onProgress,
  })
  try {
    for (let row = 0; row < images.length; row += ROWS) {
      options.signal?.throwIfAborted()
      const rows = Math.min(ROWS, images.length - row)
      const read = (score: (features: Tensor2D) => Tensor2D) =>
        tidy(() => score(slice(features, [row, 0], [rows, features.shape[1]])))
      await keep.add(read((part) => readout.score(part)))
      const { nearestMean } = readout
      if (nearestMean) await means.add(read((part) => nearestMean.call(readout, part)))
    }
  } finally {
    features.dispose()
  }
  return { head: keep.done(), ...(readout.nearestMean ? { nearestMean: means.done() } : {}) }
}

async function scoreBatches(
  learner: Learner,
  images: LabeledImages,
  options: ScoreOptions,
  keep: ReturnType<typeof topCollector>,
): Promise<void> {
  let done = 0
  for await (const batch of images.batches({ size: options.batchSize ?? 64, view: 'eval' })) {
    try {
      for (const [first, count] of piecesOf(batch.positions.length, options.batchSize ?? 64)) {
        options.signal?.throwIfAborted()
        const piece = slice(batch.images, first, count)
        try {
          await keep.add(await learner.score(piece))
        } finally {
          piece.dispose()
        }
      }
      done += batch.positions.length
    } finally {
      batch.dispose()
    }
    options.onProgress?.(done, images.length)
  }
}

/**
 * A batch that is not full in pieces of powers of two, as [first, count]: engines that compile a program per shape then need
 * a handful of programs, whatever the numbers of images.
 */
export function piecesOf(images: number, full: number): (readonly [number, number])[] {
  if (images >= full) return [[0, images]]
  const pieces: (readonly [number, number])[] = []
  for (let first = 0; first < images;) {
    const count = 2 ** Math.floor(Math.log2(images - first))
    pieces.push([first, count])
    first += count
  }
  return pieces
}

/** Gathers top-k rows out of score tensors, which it disposes. */
function topCollector({ k, among }: ScoreOptions) {
  const parts: TopK[] = []
  return {
    async add(scores: Tensor2D): Promise<void> {
      const classes = scores.shape[1]
      let values: ArrayLike<number>
      try {
        values = await scores.data()
      } finally {
        scores.dispose()
      }
      parts.push(among ? topKAmong(values, classes, k, among) : topK(values, classes, k))
    },
    done(): TopK {
      const length = parts.reduce((sum, part) => sum + part.classes.length, 0)
      const classes = new Int32Array(length)
      let at = 0
      for (const part of parts) {
        classes.set(part.classes, at)
        at += part.classes.length
      }
      return { k: parts[0]?.k ?? k, classes }
    },
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
