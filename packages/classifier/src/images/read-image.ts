import { PilotError } from '@pilotjs/core'
import type { RgbImage } from '@pilotjs/data'
import { Tensor } from '@tensorflow/tfjs-core'
import type { Tensor3D } from '@tensorflow/tfjs-core'
import type { Platform } from '../platform'
import type { ClassifierImage, PixelImage } from './classifier-image'
import { rgbOfPixels, rgbOfTensor } from './rgb-of-pixels'

/** An image that is read when it is needed, perhaps several times, and is the same each time. */
export type ReadImage = () => Promise<RgbImage>

const isEncoded = (image: ClassifierImage): image is Uint8Array | ArrayBuffer | Blob =>
  image instanceof Uint8Array || image instanceof ArrayBuffer || (typeof Blob !== 'undefined' && image instanceof Blob)

/**
 * Files and bytes are read later, one at a time; what may change or be let go of by its owner (pixels, tensors, what a page
 * shows) is read now.
 * @throws PilotError `unknown-image` for what is none
 */
export async function readerOf(image: ClassifierImage, platform: Platform): Promise<ReadImage> {
  if (typeof image === 'string' || image instanceof URL) return () => platform.decodeFile(image)
  if (isEncoded(image)) return () => platform.decodeBytes(image)
  const now = await readNow(image, platform)
  return () => Promise.resolve(now)
}

async function readNow(image: Exclude<ClassifierImage, string | URL>, platform: Platform): Promise<RgbImage> {
  if (image instanceof Tensor) return rgbOfTensor(image as Tensor3D)
  if (typeof image === 'object' && image !== null && 'width' in image && 'height' in image)
    return 'data' in image ? rgbOfPixels(image as PixelImage) : platform.draw(image)
  throw new PilotError(
    'unknown-image',
    `${String(image)} is no image: give a path, the bytes of a file, a Blob, pixels with width and height, or a tensor [height, width, 3]`,
  )
}
