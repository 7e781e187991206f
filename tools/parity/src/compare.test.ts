import { describe, expect, it } from 'vitest'
import { directionDeviation, largestDeviation, rootMeanSquare, winners } from './compare'

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

describe('directionDeviation', () => {
  it('looks at every row by itself, however long others are', () => {
    const recorded = [3e10, 4e10, 0.3, 0.4, 0, 0]
    expect(directionDeviation(recorded, recorded, 2)).toEqual({ value: 0, at: 0 })
    const turned = directionDeviation([3e10, 4e10, 0.4, 0.3, 0, 0], recorded, 2)
    expect(turned.value).toBeCloseTo(0.2 / 1.6, 6)
    expect(turned.at).toBe(2)
    expect(directionDeviation([3e10, 4e10, 0.6, 0.8, 0, 0], recorded, 2)).toEqual({ value: 0.5, at: 2 })
    expect(directionDeviation([3e10, 4e10, 0.3, 0.4, 0, 1e-9], recorded, 2).value).toBe(Infinity)
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
