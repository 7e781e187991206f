import { createRng } from '@pilotjs/core/random'
import { IMAGE_BYTES } from '@pilotjs/icons-100'
import { describe, expect, it } from 'vitest'
import { augment, normalise } from './augment'

/** A black square on white, a little off the middle. */
function square(): Uint8Array {
  const image = new Uint8Array(IMAGE_BYTES).fill(255)
  for (let y = 10; y < 20; y++) image.fill(0, 3 * (y * 32 + 8), 3 * (y * 32 + 18))
  return image
}

const augmented = (seed: number, strength: number) => {
  const out = new Float32Array(IMAGE_BYTES)
  augment(square(), out, 0, createRng(seed), strength)
  return out
}

describe('augment', () => {
  it('changes nothing at strength 0', () => {
    const plain = new Float32Array(IMAGE_BYTES)
    normalise(square(), plain, 0)
    expect(augmented(1, 0)).toEqual(plain)
  })

  it('draws the same from the same seed, and something else from another', () => {
    expect(augmented(1, 1)).toEqual(augmented(1, 1))
    expect(augmented(1, 1)).not.toEqual(augmented(2, 1))
  })

  it('stays between −1 and 1, and keeps the drawing in sight', () => {
    for (let seed = 0; seed < 200; seed++) {
      const image = augmented(seed, 1)
      const [least, most] = [Math.min(...image), Math.max(...image)]
      expect(least).toBeGreaterThanOrEqual(-1.0001)
      expect(most).toBeLessThanOrEqual(1.0001)
      expect(most - least).toBeGreaterThan(0.2)
    }
  })

  it('writes where it is told to, and nowhere else', () => {
    const out = new Float32Array(3 * IMAGE_BYTES).fill(7)
    augment(square(), out, IMAGE_BYTES, createRng(3), 1)
    expect(out.subarray(0, IMAGE_BYTES).every((value) => value === 7)).toBe(true)
    expect(out.subarray(2 * IMAGE_BYTES).every((value) => value === 7)).toBe(true)
    expect(out.subarray(IMAGE_BYTES, 2 * IMAGE_BYTES).every((value) => value <= 1.0001)).toBe(true)
  })
})
