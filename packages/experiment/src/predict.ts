import { resolve } from 'node:path'
import type { Learner } from '@pilotjs/core'
import type { ImageSource, RgbImage, Transforms } from '@pilotjs/data'
import { labeledImages } from '@pilotjs/data'
import { decodeImage } from '@pilotjs/data/node'
import { topK } from '@pilotjs/eval'
import { ExperimentError, messageOf } from './experiment-error'
import type { OpenLearnerOptions } from './open-learner'
import { openLearner } from './open-learner'

/** What a saved learner makes of an image, best first; or why the image can't be read. */
export type Prediction =
  | { readonly image: string; readonly top: readonly { readonly class: string; readonly score: number }[] }
  | { readonly image: string; readonly error: string }

export interface PredictOptions extends OpenLearnerOptions {
  /** Classes a prediction names. Default 5. */
  readonly top?: number
}

/** Images that are decoded and scored at once. */
const AT_ONCE = 16

/**
 * Scores image files with the learner that a run saved after its last task.
 * @param folder the run's
 * @returns one entry an image, in order; an image that cannot be read does not keep the others from being scored
 * @throws ExperimentError where the run cannot be read, its state has another format, or its backbone is another now
 */
export async function predictImages(
  folder: string,
  images: readonly string[],
  options: PredictOptions = {},
): Promise<Prediction[]> {
  const { cwd = process.cwd(), top = 5, signal } = options
  const { run, learner, classNames, transforms, close } = await openLearner(folder, options)
  try {
    const scoring = { folder: run.path, learner, classNames, top, transforms }
    const predictions: Prediction[] = []
    for (let first = 0; first < images.length; first += AT_ONCE) {
      signal?.throwIfAborted()
      predictions.push(...(await scoreSome(images.slice(first, first + AT_ONCE), cwd, scoring)))
    }
    return predictions
  } finally {
    await close()
  }
}

interface Scoring {
  readonly folder: string
  readonly learner: Learner
  readonly classNames: readonly string[]
  readonly transforms: Transforms
  readonly top: number
}

async function scoreSome(images: readonly string[], cwd: string, scoring: Scoring): Promise<Prediction[]> {
  // What people take with their cameras is meant upright; a benchmark's files are decoded as they are stored.
  const read = await Promise.allSettled(
    images.map((image) => decodeImage(resolve(cwd, image), { orientation: 'upright' })),
  )
  const tops = await topsOf(
    read.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])),
    scoring,
  )
  return read.map((each, index) =>
    each.status === 'fulfilled'
      ? { image: images[index]!, top: tops.shift()! }
      : { image: images[index]!, error: messageOf(each.reason) },
  )
}

async function topsOf(decoded: readonly RgbImage[], { folder, learner, classNames, transforms, top }: Scoring) {
  const source: ImageSource = {
    length: decoded.length,
    labels: new Int32Array(decoded.length),
    key: String,
    read: (index) => decoded[index]!,
  }
  const tops: { class: string; score: number }[][] = []
  if (decoded.length === 0) return tops
  const view = labeledImages(source, [...decoded.keys()], source.labels, { transforms })
  for await (const batch of view.batches({ size: decoded.length, view: 'eval' })) {
    const scores = learner.score(batch.images)
    const [rows, classes] = scores.shape
    const values = await scores.data()
    scores.dispose()
    batch.dispose()
    if (values.some((value) => !Number.isFinite(value)))
      throw new ExperimentError(
        'scores-not-numbers',
        { folder },
        `the learner that ${folder} saved gives scores that are no numbers: it was damaged, or its training had diverged`,
      )
    const best = topK(values, classes, top)
    for (let row = 0; row < rows; row++)
      tops.push(
        Array.from(best.classes.subarray(row * best.k, (row + 1) * best.k), (index) => ({
          class: classNames[index] ?? `class ${index}`,
          score: values[row * classes + index]!,
        })),
      )
  }
  return tops
}
