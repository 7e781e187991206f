import type { JsonValue } from '@pilotjs/core'
import type { Rng } from '@pilotjs/core/random'
import type { RgbImage } from '../images/rgb-image'
import type { CropBox } from './resample'

/** What a worker thread needs to build the same transform. */
export interface TransformRecipe {
  readonly name: string
  readonly options: Readonly<Record<string, JsonValue>>
}

/** One step between a decoded image and a tensor. Draws, where it is random, come from `rng` alone. */
export interface ImageTransform {
  /** Present on the transforms of this package; one without it runs in the main thread. */
  readonly recipe?: TransformRecipe
  apply(image: RgbImage, rng: Rng): RgbImage
  /** Where any part of the result can be made by itself: its size, and a part of it. */
  readonly inParts?: {
    sizeOf(image: RgbImage): Pick<RgbImage, 'width' | 'height'>
    /** The same bytes as `apply` gives within `window`. */
    apply(image: RgbImage, window: CropBox): RgbImage
  }
  /**
   * Where the result is made left to right for no more work: what `apply` gives, mirrored where `mirrors` says so, which draws
   * after it.
   */
  applyMirrored?(image: RgbImage, rng: Rng, mirrors: (rng: Rng) => boolean): RgbImage
  /** Where all it does is to mirror the image or to leave it: whether it mirrors this one. */
  mirrors?(rng: Rng): boolean
  /** Where the result is a part of the image as it is: which, of an image of this size; undefined where it reaches outside. */
  windowOf?(size: Pick<RgbImage, 'width' | 'height'>): CropBox | undefined
}

/**
 * One transform after another. Of what a crop throws away, nothing is made where that is possible (a resize before it), and a
 * resize that is then mirrored is made mirrored.
 */
export function applyTransforms(transforms: readonly ImageTransform[], image: RgbImage, rng: Rng): RgbImage {
  let current = image
  for (let i = 0; i < transforms.length; i++) {
    const transform = transforms[i]!
    const next = transforms[i + 1]
    const { inParts } = transform
    const window = inParts && next?.windowOf?.(inParts.sizeOf(current))
    if (window) {
      current = inParts.apply(current, window)
      i++
    } else if (transform.applyMirrored && next?.mirrors) {
      current = transform.applyMirrored(current, rng, next.mirrors)
      i++
    } else current = transform.apply(current, rng)
  }
  return current
}

/** Several transforms as one (torchvision's `Compose`). */
export function compose(...transforms: readonly ImageTransform[]): ImageTransform {
  const recipes = transforms.map(({ recipe }) => recipe)
  const known = recipes.every((recipe) => recipe !== undefined)
  return {
    recipe: known
      ? { name: 'compose', options: { transforms: recipes.map(({ name, options }) => ({ name, options })) } }
      : undefined,
    apply: (image, rng) => applyTransforms(transforms, image, rng),
  }
}
