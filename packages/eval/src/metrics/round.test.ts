import fc from 'fast-check'
import { expect, it } from 'vitest'
import { around } from './round'

it('rounds halves to even, as numpy does', () => {
  // numpy.around of the same float64 values
  expect([0.125, 0.375, 2.5, 33.335, 66.665, 41.666666].map((value) => around(value))).toEqual([
    0.12, 0.38, 2.5, 33.34, 66.67, 41.67,
  ])
  expect([0.5, 1.5, 2.5, -1.5, -2.5].map((value) => around(value, 0))).toEqual([0, 2, 2, -2, -2])
  expect(around(NaN)).toBeNaN()
})

it('is never further than half a step away', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 100, noNaN: true }), (value) => {
      expect(Math.abs(around(value) - value)).toBeLessThanOrEqual(0.005 + 1e-9)
    }),
  )
})
