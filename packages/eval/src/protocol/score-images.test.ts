import fc from 'fast-check'
import { expect, it } from 'vitest'
import { piecesOf } from './score-images'

it('splits what is not full into powers of two', () => {
  expect(piecesOf(64, 64)).toEqual([[0, 64]])
  expect(piecesOf(37, 64)).toEqual([
    [0, 32],
    [32, 4],
    [36, 1],
  ])
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), (images) => {
      const pieces = piecesOf(images, 256)
      expect(pieces.reduce((at, [first, count]) => (first === at ? at + count : NaN), 0)).toBe(images)
      expect(pieces.every(([, count]) => Number.isInteger(Math.log2(count)))).toBe(true)
    }),
  )
})
