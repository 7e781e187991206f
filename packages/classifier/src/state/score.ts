import { PilotError } from '@pilotjs/core'
import type { Learner, Reading } from '@pilotjs/core'
import { flushEngine } from '@pilotjs/core/training'
import type { RgbImage, Transforms } from '@pilotjs/data'
import { imagesToTensor } from '@pilotjs/data'
import { tensor2d, tidy } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'

/** Images that go through a network at once. */
const atOnce = 16

/** Pieces of at most `atOnce`, the last ones powers of two: engines that compile a program a shape need only five. */
export function* inPieces<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let first = 0; first < items.length;) {
    const left = items.length - first
    const count = left >= atOnce ? atOnce : 2 ** Math.floor(Math.log2(left))
    yield items.slice(first, first + count)
    first += count
  }
}

/** [images, width], a row after the other. */
export async function featuresOfImages(
  images: readonly RgbImage[],
  { extractor }: Learner,
  transforms: Transforms,
): Promise<Float32Array> {
  return valuesOf(tidy(() => extractor.apply(imagesToTensor(images, transforms))))
}

/**
 * [images, classes]. The network and what reads its features are programs of their own: with another class the small one alone is
 * another.
 */
export async function scoresOfImages(
  images: readonly RgbImage[],
  learner: Learner,
  transforms: Transforms,
): Promise<Float32Array> {
  const features = tidy(() => learner.extractor.apply(imagesToTensor(images, transforms)))
  flushEngine()
  try {
    return await valuesOf(tidy(() => readingOf(learner)(features)))
  } finally {
    features.dispose()
  }
}

/** Features that are read at once. */
const rowsAtOnce = 64

/** [rows, classes] of features that were taken before. */
export async function scoresOfFeatures(rows: readonly Float32Array[], learner: Learner): Promise<Float32Array[]> {
  const { width } = learner.extractor
  const scores: Float32Array[] = []
  for (let first = 0; first < rows.length; first += rowsAtOnce) {
    const some = rows.slice(first, first + rowsAtOnce)
    const all = new Float32Array(rowsAtOnce * width)
    // Filled up with the last one, so that there is one shape, and one program.
    for (let i = 0; i < rowsAtOnce; i++) all.set(some[Math.min(i, some.length - 1)]!, i * width)
    const values = await valuesOf(tidy(() => readingOf(learner)(tensor2d(all, [rowsAtOnce, width]))))
    const classes = values.length / rowsAtOnce
    some.forEach((_, i) => scores.push(values.subarray(i * classes, (i + 1) * classes)))
  }
  return scores
}

/** The best of a learner's ways to score. */
const readingOf = ({ readings }: Learner): Reading => Object.values(readings)[0]!

/** The numbers of a matrix, which is let go of. @throws PilotError where they are none */
async function valuesOf(matrix: Tensor2D): Promise<Float32Array> {
  const values = (await matrix.data()) as Float32Array
  matrix.dispose()
  if (values.every(Number.isFinite)) return values
  throw new PilotError(
    'scores-not-numbers',
    'the learner gives scores that are no numbers: its training has diverged; teach it anew with a smaller learning rate',
  )
}
