import { describe, expect, it } from 'vitest'
import { largestDeviation, rootMeanSquare, winners } from './compare'

describe('largestDeviation', () => {
  it('is relative to 1 + |recorded|, and says where', () => {
    expect(largestDeviation([1, 2.5, 99], [1, 2, 100])).toEqual({ value: 0.5 / 3, at: 1 })
    expect(largestDeviation([], [])).toEqual({ value: 0, at: 0 })
  })

  it('is infinite where one side is no number, and nothing where both are minus infinity', () => {
    expect(largestDeviation([NaN], [1]).value).toBe(Infinity)
    expect(largestDeviation([-Infinity, 1], [-Infinity, 1]).value).toBe(0)
  })

  it('takes a larger scale, if given', () => {
    expect(largestDeviation([2], [1], 9).value).toBe(0.1)
    expect(rootMeanSquare(Float32Array.of(3, 4, 0, 0))).toBe(2.5)
  })
})

describe('winners', () => {
  it('names the first of the largest, and how far it is ahead', () => {
    expect(winners([1, 3, 2, 5, 5, 0], 3)).toEqual([
      { winner: 1, margin: 0.25 },
      { winner: 0, margin: 0 },
    ])
  })
})
