import { describe, expect, it } from 'vitest'
import { accuracyOf, prototypeAccuracy } from './accuracy'

const rows = (...values: number[][]) => values.map((row) => Float32Array.from(row))

describe('accuracyOf', () => {
  it('is the share of rows whose largest number is at the label', () => {
    expect(accuracyOf(rows([1, 2], [3, 0], [0, 1], [5, 6]), [1, 0, 0, 0])).toBe(0.5)
  })
})

describe('prototypeAccuracy', () => {
  it('goes by the angle to the class mean, not by the length of it', () => {
    const train = { features: rows([10, 1], [12, -1], [0, 1], [0.1, 2]), labels: [0, 0, 1, 1] }
    const test = { features: rows([0.2, 0.01], [1, 9], [3, 2], [2, 3]), labels: [0, 1, 0, 0] }
    expect(prototypeAccuracy(train, test, 2)).toBe(0.75)
  })
})
