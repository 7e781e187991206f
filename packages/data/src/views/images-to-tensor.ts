import { createRng } from '@pilotjs/core/random'
import { tensor4d } from '@tensorflow/tfjs-core'
import type { Tensor4D } from '@tensorflow/tfjs-core'
import type { RgbImage } from '../images/rgb-image'
import { normalizer } from '../transforms/normalize'
import { applyTransforms } from '../transforms/transform'
import type { Transforms } from '../transforms/transforms'

/**
 * Loose images, prepared as view `eval` prepares a dataset's: what a saved learner predicts on.
 * @returns [images, height, width, 3]; the caller disposes it
 * @throws RangeError without images, or when they come out in different sizes
 */
export function imagesToTensor(images: readonly RgbImage[], transforms: Transforms): Tensor4D {
  const prepared = images.map((image) => applyTransforms(transforms.eval, image, createRng(0)))
  const first = prepared[0]
  if (!first) throw new RangeError('imagesToTensor: give at least one image')
  const { width, height } = first
  const bytes = width * height * 3
  const pixels = new Float32Array(prepared.length * bytes)
  const write = normalizer(transforms.mean, transforms.std)
  prepared.forEach((image, i) => {
    if (image.width !== width || image.height !== height) {
      throw new RangeError(
        `imagesToTensor: image ${i} comes out as ${image.width}x${image.height}, the first as ${width}x${height}`,
      )
    }
    write(image, pixels, i * bytes)
  })
  return tensor4d(pixels, [prepared.length, height, width, 3])
}
