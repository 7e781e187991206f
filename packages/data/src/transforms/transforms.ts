import type { PerChannel } from './normalize'
import type { ImageTransform } from './transform'

/** How the images of a stream are prepared: augmented for training, plainly for everything else, then normalised. */
export interface Transforms {
  readonly train: readonly ImageTransform[]
  readonly eval: readonly ImageTransform[]
  /** Of pixels scaled to 0 … 1. */
  readonly mean: PerChannel
  readonly std: PerChannel
}

/** Names how view `eval` prepares an image; undefined where a transform of the caller's own takes part. */
export function preparationOf(transforms: Transforms): string | undefined {
  if (transforms.eval.some(({ recipe }) => recipe === undefined)) return undefined
  return JSON.stringify([transforms.eval.map(({ recipe }) => recipe), transforms.mean, transforms.std])
}
