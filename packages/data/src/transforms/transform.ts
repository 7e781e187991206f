import type { JsonValue, Rng } from '@pilotjs/core'
import type { RgbImage } from '../images/rgb-image'

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
}

/** One transform after another. */
export function applyTransforms(transforms: readonly ImageTransform[], image: RgbImage, rng: Rng): RgbImage {
  return transforms.reduce((current, transform) => transform.apply(current, rng), image)
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
