import { DOMAINS } from '@pilotjs/icons-100'
import type { Domain } from '@pilotjs/icons-100'

/**
 * How a drawing is made, measured on the drawing itself so that it means the same in every set: `colour` where hues
 * show, `duotone` where flat areas of a middle tone lie beside the black, `filled` where black areas are wider than any
 * stroke, else `outline`.
 *
 * @param pixels size × size × 3 bytes
 * @returns index into `DOMAINS`
 */
export function domainOf(pixels: Uint8Array, size: number): number {
  return DOMAINS.indexOf(nameOf(pixels, size))
}

function nameOf(pixels: Uint8Array, size: number): Domain {
  const ink = new Float32Array(size * size)
  let inked = 0
  let chroma = 0
  for (let p = 0; p < ink.length; p++) {
    const [r, g, b] = [pixels[3 * p]!, pixels[3 * p + 1]!, pixels[3 * p + 2]!]
    ink[p] = 1 - (r + g + b) / 765
    if (ink[p]! > 0.05) {
      inked++
      chroma += (Math.max(r, g, b) - Math.min(r, g, b)) / 255
    }
  }
  if (chroma > 0.08 * inked) return 'colour'
  if (flatMiddle(ink, size) > 0.12 * inked) return 'duotone'
  // strokes of 2 on a grid of 24 are 5.3 pixels wide at 64: a square of 9 fits in areas only
  return opened(ink, size, Math.round((4 * size) / 64)) > 0.2 * inked ? 'filled' : 'outline'
}

/** Pixels of a middle tone whose four neighbours have the same tone: areas, not edges. */
function flatMiddle(ink: Float32Array, size: number): number {
  let flat = 0
  for (let y = 1; y < size - 1; y++) {
    for (let x = 1; x < size - 1; x++) {
      const p = y * size + x
      const tone = ink[p]!
      const same = (q: number) => Math.abs(ink[q]! - tone) < 0.03
      if (tone > 0.08 && tone < 0.8 && same(p - 1) && same(p + 1) && same(p - size) && same(p + size)) flat++
    }
  }
  return flat
}

/** How many dark pixels are covered by a dark square of side 2·radius + 1 (a morphological opening). */
function opened(ink: Float32Array, size: number, radius: number): number {
  const covered = new Uint8Array(size * size)
  // sums[y][x]: dark pixels above and left, so that a square is checked with four reads
  const stride = size + 1
  const sums = new Int32Array(stride * stride)
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const dark = ink[y * size + x]! > 0.5 ? 1 : 0
      sums[(y + 1) * stride + x + 1] =
        dark + sums[y * stride + x + 1]! + sums[(y + 1) * stride + x]! - sums[y * stride + x]!
    }
  }
  const side = 2 * radius + 1
  for (let y = 0; y + side <= size; y++) {
    for (let x = 0; x + side <= size; x++) {
      const dark =
        sums[(y + side) * stride + x + side]! -
        sums[y * stride + x + side]! -
        sums[(y + side) * stride + x]! +
        sums[y * stride + x]!
      if (dark === side * side)
        for (let dy = 0; dy < side; dy++) covered.fill(1, (y + dy) * size + x, (y + dy) * size + x + side)
    }
  }
  return covered.reduce((sum, c) => sum + c, 0)
}
