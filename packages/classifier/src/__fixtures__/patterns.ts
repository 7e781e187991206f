import { createRng } from '@pilotjs/core/random'
import type { PixelImage } from '../images/classifier-image'

const size = 8

/** An image of 8 × 8 pixels whose pattern tells its class, with a little noise that `which` draws. */
export function pattern(label: number, which: number, noise = 25): PixelImage {
  const length = size * size * 3
  const pattern = createRng(100 + label).normals(length, 128, 60)
  const drawn = createRng(7).fork(label, which).normals(length, 0, noise)
  return {
    width: size,
    height: size,
    data: Uint8ClampedArray.from(pattern, (value, i) => value + drawn[i]!),
  }
}

/** So many images of a class. @param first tells sets apart */
export const patterns = (label: number, count: number, first = 0): PixelImage[] =>
  Array.from({ length: count }, (_, i) => pattern(label, first + i))
