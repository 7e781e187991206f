import type { RgbImage } from '../images/rgb-image'
import { resample } from './resample'
import type { Interpolation } from './resample'
import type { ImageTransform } from './transform'

/**
 * An image resized to an exact size, as Pillow does it.
 * @param size [height, width]
 */
export function resizeTo(image: RgbImage, size: readonly [number, number], interpolation: Interpolation): RgbImage {
  const [height, width] = size
  if (width === image.width && height === image.height) return image
  return resample(image, { left: 0, top: 0, width: image.width, height: image.height }, width, height, interpolation)
}

export interface ResizeOptions {
  /** Of the shorter side, the longer one follows; or [height, width]. */
  readonly size: number | readonly [number, number]
  /** Default bilinear, as in torchvision. */
  readonly interpolation?: Interpolation
}

/** torchvision's `Resize` on PIL images: antialiased, the longer side rounded down. */
export function resize(options: ResizeOptions): ImageTransform {
  const { size, interpolation = 'bilinear' } = options
  return {
    recipe: { name: 'resize', options: { size, interpolation } },
    apply(image) {
      if (typeof size !== 'number') return resizeTo(image, size, interpolation)
      const shorter = Math.min(image.width, image.height)
      const longer = Math.max(1, Math.trunc((size * Math.max(image.width, image.height)) / shorter))
      return resizeTo(image, image.width <= image.height ? [longer, size] : [size, longer], interpolation)
    },
  }
}
