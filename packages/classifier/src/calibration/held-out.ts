import type { FeatureExtractor, Learner } from '@pilotjs/core'
import type { RgbImage } from '@pilotjs/data'
import type { Preparation } from '../images/image-pool'
import { featuresOfImages, inPieces, scoresOfFeatures, scoresOfImages } from '../state/score'
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

/**
 * Features in place of images where the extractor no longer changes: they are small, and scored in no time. Features of another
 * extractor are worth nothing any more, and go.
 */
export async function settleHeldOut(held: HeldOut, learner: Learner, preparation: Preparation): Promise<HeldOut> {
  const { extractor } = learner
  const id = await idOf(extractor)
  const valid = held.images.filter(({ features }) => features === undefined || held.extractor === id)
  if (id === undefined) return { images: valid }
  const raw = valid.filter(({ features }) => features === undefined)
  const made = new Map<HeldOutImage, Float32Array>()
  for (const piece of inPieces(raw)) {
    const rows = await featuresOfImages(piece.map(imageOf), learner, preparation.transforms)
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
  const withFeatures = images.flatMap(({ features }, place) => (features ? [{ features, place }] : []))
  const read = await scoresOfFeatures(
    withFeatures.map(({ features }) => features),
    learner,
  )
  withFeatures.forEach(({ place }, i) => scores.set(read[i]!, place * classes))
  const whole = images.flatMap((each, place) => (each.image ? [{ ...each, place }] : []))
  for (const piece of inPieces(whole)) {
    const rows = await scoresOfImages(piece.map(imageOf), learner, preparation.transforms)
    piece.forEach(({ place }, i) => scores.set(rows.subarray(i * classes, (i + 1) * classes), place * classes))
  }
  return { scores, classes, labels: images.map(({ label }) => label) }
}

const imageOf = ({ image }: HeldOutImage): RgbImage => image!

/** What an extractor is known by once it no longer changes, of several side by side all together. */
async function idOf({ id, parts }: FeatureExtractor): Promise<string | undefined> {
  if (!parts) return id?.()
  const ids = await Promise.all(parts.map(idOf))
  return ids.every((each) => each !== undefined) ? ids.join('|') : undefined
}
