import type { Rng } from '@pilotjs/core/random'
import { IMAGE_BYTES, IMAGE_SIZE } from '@pilotjs/icons-100'
import { pixelate } from './pixelate'

const PIXELS = IMAGE_SIZE * IMAGE_SIZE

/** How far each change goes at full strength. */
const SCALE = 0.25
const ASPECT = 0.15
const ROTATION = (14 * Math.PI) / 180
const SHEAR = 0.15
const SHIFT = 3
const STROKE = 0.25
const PIXELATE = 0.3
const RECOLOUR = 0.7

/**
 * How often an icon is turned further, and how far: long things (a syringe, a ruler) are drawn upright by some and aslant by
 * others.
 */
const TURN = 0.2
const TURN_ANGLE = Math.PI / 4

/** Between −1 and 1. */
const either = (rng: Rng) => 2 * rng.uniform() - 1

/**
 * Draws an icon anew: another size, aspect, angle, slant and place, a thinner or thicker stroke, coarse pixels, other colours.
 * Never mirrored: a mirrored icon may mean something else.
 *
 * @param image 32 × 32 × 3 bytes
 * @param out where the 32 × 32 × 3 numbers in −1 … 1 go, starting at `offset`
 * @param strength 0 leaves the icon as it is, 1 changes it in full
 */
export function augment(image: Uint8Array, out: Float32Array, offset: number, rng: Rng, strength: number): void {
  const source = rng.uniform() < STROKE * strength ? restroke(image, rng) : image
  warp(source, out, offset, rng, strength)
  if (rng.uniform() < PIXELATE * strength) pixelate(out.subarray(offset, offset + IMAGE_BYTES), rng)
  if (rng.uniform() < RECOLOUR * strength) recolour(out.subarray(offset, offset + IMAGE_BYTES), rng)
}

/** An icon as it is, as numbers in −1 … 1. */
export function normalise(image: Uint8Array, out: Float32Array, offset: number): void {
  for (let p = 0; p < IMAGE_BYTES; p++) out[offset + p] = image[p]! / 127.5 - 1
}

/** Thicker strokes: each pixel moves towards the darkest of itself and its four neighbours; thinner: the lightest. */
function restroke(image: Uint8Array, rng: Rng): Uint8Array {
  const darker = rng.uniform() < 0.5
  const amount = 0.3 + 0.7 * rng.uniform()
  const changed = new Uint8Array(IMAGE_BYTES)
  const row = 3 * IMAGE_SIZE
  for (let p = 0; p < IMAGE_BYTES; p++) {
    const value = image[p]!
    let most = value
    for (const q of [p - 3, p + 3, p - row, p + row]) {
      const other = image[q]
      if (other !== undefined && (darker ? other < most : other > most)) most = other
    }
    changed[p] = value + amount * (most - value)
  }
  return changed
}

/** A random affine map about the middle, sampled bilinearly, white outside. */
function warp(image: Uint8Array, out: Float32Array, offset: number, rng: Rng, strength: number) {
  const scale = Math.exp(-either(rng) * SCALE * strength)
  const aspect = Math.exp(0.5 * either(rng) * ASPECT * strength)
  const turn = rng.uniform() < TURN * strength ? either(rng) * TURN_ANGLE : 0
  const angle = turn + either(rng) * ROTATION * strength
  const shear = either(rng) * SHEAR * strength
  const shiftX = either(rng) * SHIFT * strength
  const shiftY = either(rng) * SHIFT * strength
  const [cos, sin] = [Math.cos(angle) * scale, Math.sin(angle) * scale]
  const [xx, xy] = [cos * aspect, (shear * cos - sin) * aspect]
  const [yx, yy] = [sin / aspect, (shear * sin + cos) / aspect]
  const middle = (IMAGE_SIZE - 1) / 2
  for (let y = 0; y < IMAGE_SIZE; y++) {
    for (let x = 0; x < IMAGE_SIZE; x++) {
      const dx = x - middle - shiftX
      const dy = y - middle - shiftY
      const fromX = xx * dx + xy * dy + middle
      const fromY = yx * dx + yy * dy + middle
      const left = Math.floor(fromX)
      const top = Math.floor(fromY)
      const to = offset + 3 * (y * IMAGE_SIZE + x)
      if (left < -1 || top < -1 || left >= IMAGE_SIZE || top >= IMAGE_SIZE) {
        out[to] = out[to + 1] = out[to + 2] = 1
        continue
      }
      const wx = fromX - left
      const wy = fromY - top
      for (let c = 0; c < 3; c++) {
        const upper = at(image, left, top, c) * (1 - wx) + at(image, left + 1, top, c) * wx
        const lower = at(image, left, top + 1, c) * (1 - wx) + at(image, left + 1, top + 1, c) * wx
        out[to + c] = (upper * (1 - wy) + lower * wy) / 127.5 - 1
      }
    }
  }
}

const at = (image: Uint8Array, x: number, y: number, c: number) =>
  x < 0 || y < 0 || x >= IMAGE_SIZE || y >= IMAGE_SIZE ? 255 : image[3 * (y * IMAGE_SIZE + x) + c]!

/** One of: two colours of its own for background and drawing, inversion, mixed channels, weaker contrast or grey. */
function recolour(image: Float32Array, rng: Rng) {
  const kind = rng.uniform()
  if (kind < 0.4) paintOver(image, rng)
  else if (kind < 0.6) for (let p = 0; p < IMAGE_BYTES; p++) image[p] = -image[p]!
  else if (kind < 0.8) mixChannels(image, rng)
  else weaken(image, rng)
}

function paintOver(image: Float32Array, rng: Rng) {
  const colour = () => [either(rng), either(rng), either(rng)]
  const far = (a: number[], b: number[]) => Math.abs(a[0]! + a[1]! + a[2]! - b[0]! - b[1]! - b[2]!) > 1
  const background = colour()
  let ink = colour()
  while (!far(background, ink)) ink = colour()
  for (let p = 0; p < IMAGE_BYTES; p += 3) {
    const light = (image[p]! + image[p + 1]! + image[p + 2]!) / 6 + 0.5
    for (let c = 0; c < 3; c++) image[p + c] = ink[c]! + (background[c]! - ink[c]!) * light
  }
}

function mixChannels(image: Float32Array, rng: Rng) {
  const weights = Array.from({ length: 3 }, () => {
    const row = [rng.uniform(), rng.uniform(), rng.uniform()]
    const sum = row[0]! + row[1]! + row[2]! + 1e-6
    return row.map((weight) => weight / sum)
  })
  for (let p = 0; p < IMAGE_BYTES; p += 3) {
    const [r, g, b] = [image[p]!, image[p + 1]!, image[p + 2]!]
    for (let c = 0; c < 3; c++) image[p + c] = weights[c]![0]! * r + weights[c]![1]! * g + weights[c]![2]! * b
  }
}

function weaken(image: Float32Array, rng: Rng) {
  const contrast = 0.4 + 0.6 * rng.uniform()
  const lightness = either(rng) * (1 - contrast)
  const grey = rng.uniform() < 0.5
  for (let p = 0; p < PIXELS; p++) {
    const mean = (image[3 * p]! + image[3 * p + 1]! + image[3 * p + 2]!) / 3
    for (let c = 0; c < 3; c++) image[3 * p + c] = (grey ? mean : image[3 * p + c]!) * contrast + lightness
  }
}
