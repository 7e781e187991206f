import { blankImage } from '../images/rgb-image'
import type { RgbImage } from '../images/rgb-image'
import type { CropBox } from './resample'
import { roundHalfEven } from './round'
import type { ImageTransform } from './transform'

/** The box of an image; where it reaches outside, black, or with `edge` the nearest pixel. */
export function crop(image: RgbImage, box: CropBox, outside: 'black' | 'edge' = 'black'): RgbImage {
  const { left, top, width, height } = box
  const out = blankImage(width, height)
  const clamp = (value: number, bound: number) => Math.min(Math.max(value, 0), bound - 1)
  const inside = left >= 0 && left + width <= image.width
  for (let y = 0; y < height; y++) {
    if (outside === 'black' && (top + y < 0 || top + y >= image.height)) continue
    const row = clamp(top + y, image.height) * image.width
    if (inside) {
      out.data.set(image.data.subarray((row + left) * 3, (row + left + width) * 3), y * width * 3)
      continue
    }
    for (let x = 0; x < width; x++) {
      if (outside === 'black' && (left + x < 0 || left + x >= image.width)) continue
      const from = (row + clamp(left + x, image.width)) * 3
      const to = (y * width + x) * 3
      for (let channel = 0; channel < 3; channel++) out.data[to + channel] = image.data[from + channel]!
    }
  }
  return out
}

/** torchvision's `CenterCrop`: black borders where the image is smaller than `size` (a side, or [height, width]). */
export function centerCrop(options: { readonly size: number | readonly [number, number] }): ImageTransform {
  const [height, width] = typeof options.size === 'number' ? [options.size, options.size] : options.size
  // torchvision pads first, the smaller half at the left and top, then crops the padded image.
  const start = (have: number, want: number) =>
    have < want ? -Math.floor((want - have) / 2) : roundHalfEven((have - want) / 2)
  const boxOf = (image: Pick<RgbImage, 'width' | 'height'>): CropBox => {
    return { left: start(image.width, width), top: start(image.height, height), width, height }
  }
  return {
    recipe: { name: 'centerCrop', options: { size: options.size } },
    apply(image) {
      const box = boxOf(image)
      if (box.left === 0 && box.top === 0 && width === image.width && height === image.height) return image
      return crop(image, box)
    },
    windowOf: (image) => (image.width >= width && image.height >= height ? boxOf(image) : undefined),
  }
}

export interface RandomCropOptions {
  /** Side of the square that is kept. */
  readonly size: number
  /** Border added on every side beforehand. Default 0. */
  readonly padding?: number
  /** What the border shows. Default black. */
  readonly outside?: 'black' | 'edge'
}

/**
 * torchvision's `RandomCrop`; with a padding, the shift that small images are trained with.
 * @throws RangeError on an image that is too small
 */
export function randomCrop(options: RandomCropOptions): ImageTransform {
  const { size, padding = 0, outside = 'black' } = options
  return {
    recipe: { name: 'randomCrop', options: { size, padding, outside } },
    apply(image, rng) {
      const down = image.height + 2 * padding - size
      const right = image.width + 2 * padding - size
      if (down < 0 || right < 0) {
        throw new RangeError(
          `randomCrop: an image of ${image.width}x${image.height} with a padding of ${padding} is smaller than the crop of ` +
            `${size}x${size}; resize it first, or take a larger padding`,
        )
      }
      const top = rng.int(down + 1) - padding
      const left = rng.int(right + 1) - padding
      return crop(image, { left, top, width: size, height: size }, outside)
    },
  }
}
