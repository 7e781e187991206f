import type { Rng } from '@pilotjs/core/random'
import { IMAGE_BYTES, IMAGE_SIZE } from '@pilotjs/icons-100'

/** Cells along a side: pixel-art sets draw on grids of 12, or of 24 with lines of two. */
const FEWEST = 11
const MOST = 20

/** Cells that are filled, as a multiple of the area of the ink: a thin line comes out thicker. */
const LEAST_INK = 0.9
const MOST_INK = 1.4

/** A cell with less ink is never full, one with more always is. */
const EMPTY = 0.25
const FULL = 0.5

/** `[cells, IMAGE_SIZE]`, row by row: the share of each cell that lies in each pixel's column; rows sum to 1. */
const OVERLAPS = new Map<number, Float32Array>()

function overlapsOf(cells: number): Float32Array {
  let overlaps = OVERLAPS.get(cells)
  if (overlaps) return overlaps
  overlaps = new Float32Array(cells * IMAGE_SIZE)
  const side = IMAGE_SIZE / cells
  for (let cell = 0; cell < cells; cell++) {
    for (let pixel = 0; pixel < IMAGE_SIZE; pixel++) {
      const shared = Math.min(pixel + 1, (cell + 1) * side) - Math.max(pixel, cell * side)
      if (shared > 0) overlaps[cell * IMAGE_SIZE + pixel] = shared / side
    }
  }
  OVERLAPS.set(cells, overlaps)
  return overlaps
}

/**
 * Draws an icon as pixel art, in place: on a coarse grid whose cells are either full or empty, in each channel the darkest or the
 * lightest value of the image. Cells that hold most ink are full, about as many as there is ink for. A cell that ends inside a
 * pixel colours its share of it, as rendering does.
 *
 * @param image 32 × 32 × 3 numbers, any range
 */
export function pixelate(image: Float32Array, rng: Rng): void {
  const cells = FEWEST + rng.int(MOST - FEWEST + 1)
  const ink = LEAST_INK + (MOST_INK - LEAST_INK) * rng.uniform()
  const overlaps = overlapsOf(cells)
  const perPixel = cells / IMAGE_SIZE
  for (let c = 0; c < 3; c++) {
    let [darkest, lightest] = [Infinity, -Infinity]
    for (let p = c; p < IMAGE_BYTES; p += 3) {
      darkest = Math.min(darkest, image[p]!)
      lightest = Math.max(lightest, image[p]!)
    }
    if (darkest === lightest) continue
    const inks = new Float32Array(cells * cells)
    for (let cell = 0; cell < inks.length; cell++) {
      const mean = meanOf(image, c, overlaps, Math.floor(cell / cells), cell % cells)
      inks[cell] = (lightest - mean) / (lightest - darkest)
    }
    const limit = limitOf(inks, ink * inks.reduce((sum, value) => sum + value, 0))
    for (let y = 0; y < IMAGE_SIZE; y++) {
      for (let x = 0; x < IMAGE_SIZE; x++) {
        let covered = 0
        for (let row = Math.floor(y * perPixel); row < Math.min(cells, (y + 1) * perPixel); row++) {
          for (let column = Math.floor(x * perPixel); column < Math.min(cells, (x + 1) * perPixel); column++) {
            if (inks[row * cells + column]! < limit) continue
            covered += overlaps[row * IMAGE_SIZE + y]! * overlaps[column * IMAGE_SIZE + x]!
          }
        }
        // shares of cells; a pixel holds `perPixel` of a cell each way
        const share = Math.min(1, covered / perPixel ** 2)
        image[(y * IMAGE_SIZE + x) * 3 + c] = lightest + share * (darkest - lightest)
      }
    }
  }
}

/** The ink from which a cell is full, so that about `count` cells are. */
function limitOf(inks: Float32Array, count: number): number {
  const falling = inks.slice().sort().reverse()
  const last = falling[Math.round(count) - 1] ?? FULL
  return Math.min(FULL, Math.max(EMPTY, last))
}

function meanOf(image: Float32Array, channel: number, overlaps: Float32Array, row: number, column: number): number {
  const side = (IMAGE_SIZE * IMAGE_SIZE) / overlaps.length
  let mean = 0
  for (let y = Math.floor(row * side); y < Math.min(IMAGE_SIZE, (row + 1) * side); y++) {
    const weight = overlaps[row * IMAGE_SIZE + y]!
    for (let x = Math.floor(column * side); x < Math.min(IMAGE_SIZE, (column + 1) * side); x++) {
      mean += weight * overlaps[column * IMAGE_SIZE + x]! * image[(y * IMAGE_SIZE + x) * 3 + channel]!
    }
  }
  return mean
}
