import { colorJitter } from './color-jitter'
import { centerCrop, randomCrop } from './crop'
import { randomHorizontalFlip } from './random-horizontal-flip'
import { randomResizedCrop } from './random-resized-crop'
import { resize } from './resize'
import { compose } from './transform'
import type { ImageTransform, TransformRecipe } from './transform'

/** Each takes exactly what its own recipe holds; a recipe never comes from outside. */
const builders: Readonly<Record<string, (options: never) => ImageTransform>> = {
  resize,
  centerCrop,
  randomCrop,
  randomResizedCrop,
  randomHorizontalFlip,
  colorJitter,
  compose: ({ transforms }: { transforms: readonly TransformRecipe[] }) => compose(...transforms.map(fromRecipe)),
}

/** The transform that a recipe describes: how one crosses over to a worker thread. */
export function fromRecipe(recipe: TransformRecipe): ImageTransform {
  const build = builders[recipe.name]
  if (!build)
    throw new RangeError(`No transform is called '${recipe.name}'; there are ${Object.keys(builders).join(', ')}`)
  return build(recipe.options as never)
}
