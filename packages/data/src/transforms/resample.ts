import type { RgbImage } from '../images/rgb-image'
import { flipHorizontally } from './flip-horizontally'
import type { Interpolation } from './resample-kernel'
import { passesOf } from './resample-passes'
import type { CropBox } from './resample-passes'
import { plainPasses } from './resample-plain'
import { vectorPasses } from './resample-vectors'

export type { CropBox, Interpolation }

/**
 * The box of an image, resized with antialiasing: bit for bit what Pillow's `image.crop(box).resize(size, filter)` gives for RGB
 * (two passes, horizontal first, each rounded to bytes; weights in fixed point).
 * @param box inside the image; pixels outside it count for nothing
 * @param window which part of the result is made: the same bytes as of all of it, for less work. Default all.
 * @param mirrored the result left to right, as `flipHorizontally` turns it, for no more work. Default false.
 */
export function resample(
  image: RgbImage,
  box: CropBox,
  width: number,
  height: number,
  interpolation: Interpolation,
  window: CropBox = { left: 0, top: 0, width, height },
  mirrored = false,
): RgbImage {
  const passes = passesOf(image, box, [width, height], interpolation, window, mirrored)
  const made = vectorPasses(passes) ?? plainPasses(passes)
  return mirrored && !passes.across ? flipHorizontally(made) : made
}
