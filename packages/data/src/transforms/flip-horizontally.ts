import { blankImage } from '../images/rgb-image'
import type { RgbImage } from '../images/rgb-image'

/** The image mirrored left to right. */
export function flipHorizontally(image: RgbImage): RgbImage {
  const { width, height, data } = image
  const out = blankImage(width, height)
  for (let y = 0; y < height; y++) {
    let from = (y * width + width - 1) * 3
    let to = y * width * 3
    for (let x = 0; x < width; x++, from -= 3, to += 3) {
      out.data[to] = data[from]!
      out.data[to + 1] = data[from + 1]!
      out.data[to + 2] = data[from + 2]!
    }
  }
  return out
}
