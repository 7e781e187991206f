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
  const sizeOf = (image: Pick<RgbImage, 'width' | 'height'>) => {
    if (typeof size !== 'number') return { height: size[0], width: size[1] }
    const shorter = Math.min(image.width, image.height)
    const longer = Math.max(1, Math.trunc((size * Math.max(image.width, image.height)) / shorter))
    return image.width <= image.height ? { height: longer, width: size } : { height: size, width: longer }
  }
  return {
    recipe: { name: 'resize', options: { size, interpolation } },
    apply(image) {
      const { height, width } = sizeOf(image)
      return resizeTo(image, [height, width], interpolation)
    },
    inParts: {
      sizeOf,
      apply(image, window) {
        const { height, width } = sizeOf(image)
        const whole = { left: 0, top: 0, width: image.width, height: image.height }
        return resample(image, whole, width, height, interpolation, window)
      },
    },
  }
}
