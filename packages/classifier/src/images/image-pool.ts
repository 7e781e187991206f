import type { LabeledImages, Preprocessing } from '@pilotjs/core'
import { createRng } from '@pilotjs/core/random'
import type { ImageSource, RgbImage, Transforms } from '@pilotjs/data'
import { applyTransforms, inProcessLoader, labeledImages, transformsFor } from '@pilotjs/data'
import type { ReadImage } from './read-image'

/** An image under the name that a learner remembers it by. */
export interface PooledImage {
  readonly key: string
  readonly read: ReadImage
}

/** How a backbone's images are prepared, and how they are kept meanwhile. */
export interface Preparation {
  readonly transforms: Transforms
  /** The image as it is kept: resized as for scoring but uncropped, so that it scores bit for bit as the whole does. */
  shrink(image: RgbImage): RgbImage
}

export function preparationFor(preprocessing: Preprocessing): Preparation {
  const transforms = transformsFor(preprocessing)
  // All but the crop, which the presets end with. Resizing what has that size already changes nothing.
  const fit = transforms.eval.slice(0, -1)
  return { transforms, shrink: (image) => applyTransforms(fit, image, createRng(0)) }
}

/** Most bytes of images that are kept between the epochs of one training. */
const keptBytes = 1 << 28

/**
 * Images by the dozen as a learner sees them, shrunk as they are read. Epochs that come back to an image find it, as long as
 * there are not too many.
 */
export function poolOf(
  images: readonly PooledImage[],
  labels: ArrayLike<number>,
  { transforms, shrink }: Preparation,
  seed: number,
): LabeledImages {
  const kept = new Map<number, RgbImage>()
  let bytes = 0
  const source: ImageSource = {
    length: images.length,
    labels: new Int32Array(images.length),
    key: (index) => images[index]!.key,
    async read(index) {
      const known = kept.get(index)
      if (known) return known
      const image = shrink(await images[index]!.read())
      bytes += image.data.length
      if (bytes <= keptBytes) kept.set(index, image)
      return image
    },
  }
  return labeledImages(source, [...images.keys()], labels, { transforms, seed, loader: inProcessLoader() })
}
