import { blankImage } from '../images/rgb-image'
import type { RgbImage } from '../images/rgb-image'

/** Luma of ITU-R 601-2 in 16-bit fixed point, as Pillow's convert('L'). */
function luma(red: number, green: number, blue: number): number {
  return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16
}

/**
 * Pillow's `Image.blend`: from `other` (factor 0) to the image (factor 1) and past it, in single precision, cut to bytes.
 * @param other the degenerate image's byte beside the byte at `i` of the image
 */
function blend(image: RgbImage, factor: number, other: (i: number) => number): RgbImage {
  const { data } = image
  const out = blankImage(image.width, image.height)
  const alpha = Math.fround(factor)
  for (let i = 0; i < data.length; i++) {
    const from = other(i)
    const value = Math.fround(from + Math.fround(alpha * (data[i]! - from)))
    out.data[i] = value <= 0 ? 0 : value >= 255 ? 255 : Math.trunc(value)
  }
  return out
}

/** torchvision's `adjust_brightness` on PIL: 0 gives black, 1 the image, 2 twice as bright. */
export function adjustBrightness(image: RgbImage, factor: number): RgbImage {
  return blend(image, factor, () => 0)
}

/** torchvision's `adjust_contrast` on PIL: 0 gives the mean grey of the image, 1 the image. */
export function adjustContrast(image: RgbImage, factor: number): RgbImage {
  const { data } = image
  let sum = 0
  for (let i = 0; i < data.length; i += 3) sum += luma(data[i]!, data[i + 1]!, data[i + 2]!)
  const mean = Math.trunc(sum / (data.length / 3) + 0.5)
  return blend(image, factor, () => mean)
}

/** torchvision's `adjust_saturation` on PIL: 0 gives grey, 1 the image. */
export function adjustSaturation(image: RgbImage, factor: number): RgbImage {
  const { data } = image
  return blend(image, factor, (i) => {
    const pixel = i - (i % 3)
    return luma(data[pixel]!, data[pixel + 1]!, data[pixel + 2]!)
  })
}

/**
 * torchvision's `adjust_hue` on PIL: turns the hue circle by `factor` of a full turn, by way of Pillow's 8-bit HSV.
 * @param factor −0.5 … 0.5
 */
export function adjustHue(image: RgbImage, factor: number): RgbImage {
  if (!(factor >= -0.5 && factor <= 0.5))
    throw new RangeError(`adjustHue: factor must lie in -0.5 … 0.5, got ${factor}`)
  const shift = Math.trunc(factor * 255)
  const out = blankImage(image.width, image.height)
  const pixel = new Uint8Array(3)
  for (let i = 0; i < out.data.length; i += 3) {
    toHsv(image.data, i, pixel)
    pixel[0] = pixel[0]! + shift
    fromHsv(pixel, out.data, i)
  }
  return out
}

/** One pixel to Pillow's HSV: hue, saturation and value in a byte each, computed in single precision as Pillow does. */
export function toHsv(data: ArrayLike<number>, at: number, out: Uint8Array): void {
  const red = data[at]!
  const green = data[at + 1]!
  const blue = data[at + 2]!
  const high = Math.max(red, green, blue)
  const low = Math.min(red, green, blue)
  out[2] = high
  if (high === low) {
    out[0] = 0
    out[1] = 0
    return
  }
  const range = high - low
  const r = Math.fround((high - red) / range)
  const g = Math.fround((high - green) / range)
  const b = Math.fround((high - blue) / range)
  let hue: number
  if (red === high) hue = Math.fround(b - g)
  else if (green === high) hue = Math.fround(2 + r - b)
  else hue = Math.fround(4 + g - r)
  hue = Math.fround((hue / 6 + 1) % 1)
  out[0] = Math.trunc(hue * 255)
  out[1] = Math.trunc(Math.fround(range / high) * 255)
}

/** One pixel back from Pillow's HSV. */
export function fromHsv(hsv: Uint8Array, out: Uint8Array, at: number): void {
  const saturation = hsv[1]!
  const value = hsv[2]!
  if (saturation === 0) {
    out.fill(value, at, at + 3)
    return
  }
  const sixths = (hsv[0]! * 6) / 255
  const sector = Math.floor(sixths)
  const rest = Math.fround(sixths - sector)
  const s = Math.fround(saturation / 255)
  const p = roundAway(value * (1 - s))
  const q = roundAway(value * (1 - s * rest))
  const t = roundAway(value * (1 - s * (1 - rest)))
  const [red, green, blue] = [
    [value, t, p],
    [q, value, p],
    [p, value, t],
    [p, q, value],
    [t, p, value],
    [value, p, q],
  ][sector % 6] as [number, number, number]
  out[at] = red
  out[at + 1] = green
  out[at + 2] = blue
}

/** C's `round` for numbers that are not negative. */
function roundAway(x: number): number {
  return Math.floor(x + 0.5)
}
