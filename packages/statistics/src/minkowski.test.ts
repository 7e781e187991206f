import { describe, expect, it } from 'vitest'
import { minkowskiDistances } from './minkowski'

describe('minkowskiDistances', () => {
  it('sums powers of differences', () => {
    const [a, b] = [
      [0, 0, 3, 4],
      [3, 4, 1, 1, 0, 0],
    ]
    expect(Array.from(minkowskiDistances(a!, b!, 2, 2))).toEqual([5, Math.SQRT2, 0, 0, Math.sqrt(13), 5])
    expect(Array.from(minkowskiDistances(a!, b!, 2, 1))).toEqual([7, 2, 0, 0, 5, 7])
    expect(minkowskiDistances(a!, b!, 2, 3)[0]).toBeCloseTo(91 ** (1 / 3), 12)
  })

  it('says what does not fit', () => {
    expect(() => minkowskiDistances([1, 2, 3], [1, 2], 2, 2)).toThrow(/3 and 2 numbers are no rows of width 2/)
    expect(() => minkowskiDistances([1], [1], 1, 0)).toThrow(/power must be above 0, got 0/)
  })
})
