import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { numbers, sample } from '../../testing/finite-differences'
import { bicubicWeights, resizePositions } from './vit-positions'

describe('bicubicWeights', () => {
  it('are 1 in sum, symmetric, and nothing but a copy at equal length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), (from, to) => {
        const rows = bicubicWeights(from, to)
        rows.forEach((row, i) => {
          expect(row.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 10)
          rows[to - 1 - i]!.toReversed().forEach((weight, j) => expect(row[j]).toBeCloseTo(weight, 10))
          if (from === to) row.forEach((weight, j) => expect(weight).toBeCloseTo(i === j ? 1 : 0, 10))
        })
      }),
    )
  })

  it('follow the cubic of a = −0.5', () => {
    // Twice as many samples: the nearest lies a quarter off, the others 0.75, 1.25 and 1.75.
    const row = bicubicWeights(8, 16)[7]!
    expect(row.slice(1, 6).map((weight) => Number(weight.toFixed(7)))).toEqual([
      0, -0.0703125, 0.8671875, 0.2265625, -0.0234375,
    ])
  })
})

describe('resizePositions', () => {
  it('keeps prefix rows and a constant grid', () => {
    const embedding = tf.concat([sample([1, 2, 3]), tf.fill([1, 16, 3], 5)], 1)
    const resized = resizePositions(embedding, 2, 7)
    expect(resized.shape).toEqual([1, 51, 3])
    const values = numbers(resized)
    expect(values.slice(0, 6)).toEqual(Array.from(embedding.dataSync().slice(0, 6)))
    for (const value of values.slice(6)) expect(value).toBeCloseTo(5, 5)
  })

  it('does not mix up rows and columns', () => {
    const grid = tf.tensor3d([0, 0, 10, 10], [1, 4, 1])
    const values = numbers(resizePositions(grid, 0, 4))
    for (let row = 0; row < 4; row++)
      expect(new Set(values.slice(row * 4, row * 4 + 4).map((v) => v.toFixed(4))).size).toBe(1)
    expect(values[0]).toBeLessThan(values[15]!)
  })

  it('refuses rows that are no square', () => {
    expect(() => resizePositions(tf.zeros([1, 6, 3]), 1, 4)).toThrow(
      /6 rows are no square grid of patches after 1 prefix/,
    )
  })
})
