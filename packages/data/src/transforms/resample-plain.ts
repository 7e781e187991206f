import type { RgbImage } from '../images/rgb-image'
import { PRECISION } from './resample-kernel'
import type { Kernel } from './resample-kernel'
import type { Passes } from './resample-passes'

const HALF = 1 << (PRECISION - 1)

/** A fixed-point sum to a byte. */
function toByte(sum: number): number {
  const value = sum >> PRECISION
  return value < 0 ? 0 : value > 255 ? 255 : value
}

/** Both passes in JavaScript, where WebAssembly has no vectors or may not be used. */
export function plainPasses({ image, source, across, width, down, height }: Passes): RgbImage {
  const data = across ? horizontal(image, source, across, width) : rowsOf(image, source)
  const strip = { width, height: source.height, data }
  return down ? { width, height, data: vertical(strip, down, height) } : strip
}

function rowsOf(image: RgbImage, { left, top, width, height }: Passes['source']): Uint8Array {
  const out = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * image.width + left) * 3
    out.set(image.data.subarray(from, from + width * 3), y * width * 3)
  }
  return out
}

function horizontal(image: RgbImage, source: Passes['source'], kernel: Kernel, width: number): Uint8Array {
  const { data } = image
  const { size, weights, starts, counts } = kernel
  const out = new Uint8Array(width * source.height * 3)
  let to = 0
  for (let y = 0; y < source.height; y++) {
    const row = ((source.top + y) * image.width + source.left) * 3
    for (let x = 0; x < width; x++) {
      let red = HALF
      let green = HALF
      let blue = HALF
      let at = row + starts[x]! * 3
      let weightAt = x * size
      for (const end = weightAt + counts[x]!; weightAt < end; weightAt++) {
        const weight = weights[weightAt]!
        red = (red + Math.imul(data[at]!, weight)) | 0
        green = (green + Math.imul(data[at + 1]!, weight)) | 0
        blue = (blue + Math.imul(data[at + 2]!, weight)) | 0
        at += 3
      }
      out[to] = toByte(red)
      out[to + 1] = toByte(green)
      out[to + 2] = toByte(blue)
      to += 3
    }
  }
  return out
}

function vertical(strip: RgbImage, kernel: Kernel, height: number): Uint8Array {
  const rowBytes = strip.width * 3
  const { data } = strip
  const { size, weights, starts, counts } = kernel
  const out = new Uint8Array(rowBytes * height)
  // Over a line of sums, four source rows at a time: each is read in order, and the sums are touched a quarter as often.
  const sums = new Int32Array(rowBytes)
  for (let y = 0; y < height; y++) {
    sums.fill(HALF)
    let from = starts[y]! * rowBytes
    let at = y * size
    for (const end = at + counts[y]!; at < end;) {
      if (end - at >= 4) {
        addFour(sums, data, from, weights[at]!, weights[at + 1]!, weights[at + 2]!, weights[at + 3]!)
        at += 4
        from += 4 * rowBytes
      } else {
        const weight = weights[at]!
        for (let x = 0; x < rowBytes; x++) sums[x] = sums[x]! + Math.imul(data[from + x]!, weight)
        at++
        from += rowBytes
      }
    }
    const to = y * rowBytes
    for (let x = 0; x < rowBytes; x++) out[to + x] = toByte(sums[x]!)
  }
  return out
}

/** Adds four neighbouring rows, each times its weight. */
function addFour(
  sums: Int32Array,
  data: RgbImage['data'],
  first: number,
  w0: number,
  w1: number,
  w2: number,
  w3: number,
): void {
  const { length } = sums
  const second = first + length
  const third = second + length
  const fourth = third + length
  for (let x = 0; x < length; x++) {
    sums[x] =
      (sums[x]! +
        Math.imul(data[first + x]!, w0) +
        Math.imul(data[second + x]!, w1) +
        Math.imul(data[third + x]!, w2) +
        Math.imul(data[fourth + x]!, w3)) |
      0
  }
}
