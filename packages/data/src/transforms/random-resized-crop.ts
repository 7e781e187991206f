import type { Rng } from '@pilotjs/core/random'
import type { RgbImage } from '../images/rgb-image'
import { resample } from './resample'
import type { CropBox, Interpolation } from './resample'
import { roundHalfEven } from './round'
import type { ImageTransform } from './transform'

export interface RandomResizedCropOptions {
  /** Side of the square that comes out, or [height, width]. */
  readonly size: number | readonly [number, number]
  /** Part of the image's area that is kept. Default [0.08, 1]. */
  readonly scale?: readonly [number, number]
  /** Width over height of the part that is kept. Default [3/4, 4/3]. */
  readonly ratio?: readonly [number, number]
  /** Default bilinear, as in torchvision. */
  readonly interpolation?: Interpolation
}

/** A random part of the image, resized: torchvision's `RandomResizedCrop` (the crop of Inception's training). */
export function randomResizedCrop(options: RandomResizedCropOptions): ImageTransform {
  const { size, scale = [0.08, 1], ratio = [3 / 4, 4 / 3], interpolation = 'bilinear' } = options
  const [height, width] = typeof size === 'number' ? [size, size] : size
  if (scale[0] > scale[1] || ratio[0] > ratio[1] || scale[0] <= 0 || ratio[0] <= 0) {
    throw new RangeError(
      `randomResizedCrop: scale and ratio are [smallest, largest], both positive; got [${scale}] and [${ratio}]`,
    )
  }
  const boxOf = (image: RgbImage, rng: Rng) => randomBox(image.width, image.height, scale, ratio, rng)
  return {
    recipe: { name: 'randomResizedCrop', options: { size, scale, ratio, interpolation } },
    apply: (image, rng) => resample(image, boxOf(image, rng), width, height, interpolation),
    applyMirrored(image, rng, mirrors) {
      const box = boxOf(image, rng)
      return resample(image, box, width, height, interpolation, undefined, mirrors(rng))
    },
  }
}

/**
 * The box that `RandomResizedCrop` draws: area uniform, aspect ratio uniform in its logarithm, ten tries, then the
 * largest centred box whose ratio is allowed.
 */
export function randomBox(
  width: number,
  height: number,
  scale: readonly [number, number],
  ratio: readonly [number, number],
  rng: Rng,
): CropBox {
  const between = (low: number, high: number) => low + (high - low) * rng.uniform()
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = width * height * between(scale[0], scale[1])
    const aspect = Math.exp(between(Math.log(ratio[0]), Math.log(ratio[1])))
    const w = roundHalfEven(Math.sqrt(area * aspect))
    const h = roundHalfEven(Math.sqrt(area / aspect))
    if (w > 0 && w <= width && h > 0 && h <= height) {
      const top = rng.int(height - h + 1)
      return { left: rng.int(width - w + 1), top, width: w, height: h }
    }
  }
  const whole = width / height
  const w = whole > ratio[1] ? Math.max(1, roundHalfEven(height * ratio[1])) : width
  const h = whole < ratio[0] ? Math.max(1, roundHalfEven(width / ratio[0])) : height
  return { left: Math.floor((width - w) / 2), top: Math.floor((height - h) / 2), width: w, height: h }
}
