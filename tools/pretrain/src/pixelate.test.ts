import { createRng } from '@pilotjs/core/random'
import type { Rng } from '@pilotjs/core/random'
import { IMAGE_BYTES } from '@pilotjs/icons-100'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pixelate } from './pixelate'

/** A generator that chooses a grid of `cells`, and to keep the amount of ink. */
const choosing = (cells: number): Rng => ({ ...createRng(1), int: () => cells - 11, uniform: () => 0.2 })

function drawn(paint: (x: number, y: number) => boolean): Float32Array {
  const image = new Float32Array(IMAGE_BYTES)
  for (let p = 0; p < IMAGE_BYTES; p++) {
    const pixel = Math.floor(p / 3)
    image[p] = paint(pixel % 32, Math.floor(pixel / 32)) ? -1 : 1
  }
  return image
}

describe('pixelate', () => {
  it('leaves what is drawn on the grid already as it is', () => {
    const cross = (x: number, y: number) => Math.floor(x / 2) === 7 || Math.floor(y / 2) === 7
    const image = drawn(cross)
    pixelate(image, choosing(16))
    expect(image).toEqual(drawn(cross))
  })

  it('fills the cells that hold most ink, about as many as there is ink for', () => {
    const image = drawn((x, y) => (x === 0 && y < 2) || (x === 1 && y === 0) || (x === 10 && y === 10))
    pixelate(image, choosing(16))
    expect(image).toEqual(drawn((x, y) => x < 2 && y < 2))
  })

  it('keeps a line that is thinner than a cell, whole', () => {
    const image = drawn((x) => x === 9)
    pixelate(image, choosing(16))
    expect(image).toEqual(drawn((x) => x === 8 || x === 9))
  })

  it('shares pixels between cells where the grid does not meet them', () => {
    const image = drawn((x) => x < 3)
    pixelate(image, choosing(12))
    // a cell is 2⅔ pixels wide: two pixels and two thirds of the next; the other cells hold too little ink
    const row = Array.from({ length: 4 }, (_, x) => image[3 * x]!)
    expect(row[0]).toBeCloseTo(-1, 5)
    expect(row[1]).toBeCloseTo(-1, 5)
    expect(row[2]).toBeCloseTo(1 - (2 * 2) / 3, 5)
    expect(row[3]).toBeCloseTo(1, 5)
  })

  it('adds no value beyond the darkest and the lightest of a channel, and leaves a plain image plain', () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0, max: 1, noNaN: true }), (seed, ink) => {
        const rng = createRng(seed)
        const image = Float32Array.from({ length: IMAGE_BYTES }, () => (rng.uniform() < ink ? rng.uniform() : 1))
        const [least, most] = [Math.min(...image), Math.max(...image)]
        pixelate(image, rng)
        expect(Math.min(...image)).toBeGreaterThanOrEqual(least - 1e-5)
        expect(Math.max(...image)).toBeLessThanOrEqual(most + 1e-5)
      }),
      { numRuns: 50 },
    )
    const plain = new Float32Array(IMAGE_BYTES).fill(0.25)
    pixelate(plain, createRng(3))
    expect(plain.every((value) => value === 0.25)).toBe(true)
  })
})
