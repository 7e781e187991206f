import { PilotError } from '@pilotjs/core'
import type { FeatureExtractor, Learner } from '@pilotjs/core'
import type { RgbImage } from '@pilotjs/data'
import { imagesToTensor } from '@pilotjs/data'
import { tensor2d, tidy } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import type { Preparation } from '../images/image-pool'
import type { ScoredImages } from './temperature'

/** An image that is kept to calibrate with: as it is, or, where the network no longer changes, as its features. */
export interface HeldOutImage {
  readonly label: number
  /** Whether it was learned all the same, since its class has too few images to keep one back. */
  readonly taught: boolean
  readonly image?: RgbImage
  readonly features?: Float32Array
}

/** Images that calibrate, and the extractor that those of them that are features were taken with. */
export interface HeldOut {
  readonly extractor?: string
  readonly images: readonly HeldOutImage[]
}

/** One image in so many of a class is kept back, */
const oneIn = 5
/** but no more of a class than this, and of all classes together so many. */
const [mostOfClass, mostOfAll] = [10, 1000]
/** Of a class that has none kept back, so many taught ones stand in. */
const standIns = 2

/** Whether the next image of a class, which has had `count` so far, is kept back. */
export const keptBack = (count: number, held: number): boolean => count % oneIn === oneIn - 1 && held < mostOfClass

/** Lets go of what there is too much of, class by class; taught images stand in only where a class has no others. */
export function trimHeldOut(images: readonly HeldOutImage[], classes: number): HeldOutImage[] {
  const share = Math.min(mostOfClass, Math.max(1, Math.floor(mostOfAll / Math.max(1, classes))))
  const real = new Set(images.filter(({ taught }) => !taught).map(({ label }) => label))
  const counts = new Map<number, number>()
  return images.filter(({ label, taught }) => {
    if (taught && real.has(label)) return false
    const count = (counts.get(label) ?? 0) + 1
    counts.set(label, count)
    return count <= (taught ? standIns : share)
  })
}

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

/**
 * Features in place of images where the extractor no longer changes: they are small, and scored in no time. Features of another extractor
 * are worth nothing any more, and go.
 */
export async function settleHeldOut(held: HeldOut, learner: Learner, preparation: Preparation): Promise<HeldOut> {
  const { extractor } = learner
  const id = await idOf(extractor)
  const valid = held.images.filter(({ features }) => features === undefined || held.extractor === id)
  if (id === undefined) return { images: valid }
  const raw = valid.filter(({ features }) => features === undefined)
  const made = new Map<HeldOutImage, Float32Array>()
  for (const piece of inPieces(raw)) {
    const rows = await read(piece, preparation, (batch) => extractor.apply(batch))
    piece.forEach((each, i) => made.set(each, rows.slice(i * extractor.width, (i + 1) * extractor.width)))
  }
  return {
    extractor: id,
    images: valid.map((each) => {
      const features = made.get(each)
      return features === undefined ? each : { label: each.label, taught: each.taught, features }
    }),
  }
}

/** What a learner makes of the images, in their order. */
export async function scoreHeldOut(
  { images }: HeldOut,
  classes: number,
  learner: Learner,
  preparation: Preparation,
): Promise<ScoredImages> {
  const scores = new Float32Array(images.length * classes)
  const [reading] = Object.values(learner.readings)
  const withFeatures = images.flatMap(({ features }, place) => (features ? [{ features, place }] : []))
  if (withFeatures.length > 0) {
    const { width } = learner.extractor
    const all = new Float32Array(withFeatures.length * width)
    withFeatures.forEach(({ features }, i) => all.set(features, i * width))
    const values = await valuesOf(() => reading!(tensor2d(all, [withFeatures.length, width])))
    withFeatures.forEach(({ place }, i) => scores.set(values.subarray(i * classes, (i + 1) * classes), place * classes))
  }
  const whole = images.flatMap((each, place) => (each.image ? [{ ...each, place }] : []))
  for (const piece of inPieces(whole)) {
    const rows = await read(piece, preparation, (batch) => learner.score(batch))
    piece.forEach(({ place }, i) => scores.set(rows.subarray(i * classes, (i + 1) * classes), place * classes))
  }
  return { scores, classes, labels: images.map(({ label }) => label) }
}

async function read(
  piece: readonly Pick<HeldOutImage, 'image'>[],
  { transforms }: Preparation,
  use: (images: ReturnType<typeof imagesToTensor>) => Tensor2D,
): Promise<Float32Array> {
  const images = piece.flatMap(({ image }) => (image ? [image] : []))
  return valuesOf(() => use(imagesToTensor(images, transforms)))
}

/** The numbers of a matrix that is made here. @throws PilotError where they are none */
export async function valuesOf(make: () => Tensor2D): Promise<Float32Array> {
  const made = tidy(make)
  const values = (await made.data()) as Float32Array
  made.dispose()
  if (values.every(Number.isFinite)) return values
  throw new PilotError(
    'scores-not-numbers',
    'the learner gives scores that are no numbers: its training has diverged; teach it anew with a smaller learning rate',
  )
}

/** What an extractor is known by once it no longer changes, of several side by side all together. */
async function idOf({ id, parts }: FeatureExtractor): Promise<string | undefined> {
  if (!parts) return id?.()
  const ids = await Promise.all(parts.map(idOf))
  return ids.every((each) => each !== undefined) ? ids.join('|') : undefined
}
