import { add, eye, matMul, memory, mul, slice, sub, tensor2d, tidy } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cholesky, choleskyFactor, solvePositiveDefinite } from './cholesky'
import { NotPositiveDefiniteError } from './errors'
import { largest, positiveDefinite, randomMatrix } from './__fixtures__/matrices'

const blocks = [12, 5]

describe('cholesky', () => {
  it('gives the factor of a matrix worked out by hand', async () => {
    const a = tensor2d([
      [4, 12, -16],
      [12, 37, -43],
      [-16, -43, 98],
    ])
    expect(await (await cholesky(a)).array()).toEqual([
      [2, 0, 0],
      [6, 1, 0],
      [-8, 5, 3],
    ])
  })

  it('multiplies back to the matrix, at any size and any cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 15 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer(),
        async (size, outer, inner, seed) => {
          const a = positiveDefinite(size, seed)
          const lower = await cholesky(a, { blocks: [outer, inner] })
          expect(largest(sub(matMul(lower, lower, false, true), a))).toBeLessThan(2e-5)
          const values = await lower.array()
          values.forEach((row, i) => row.forEach((value, j) => j > i && expect(value).toBe(0)))
        },
      ),
      { numRuns: 10 },
    )
  })

  it('reads the lower triangle only', async () => {
    const a = positiveDefinite(20, 3)
    const values = (await a.array()).map((row, i) => row.map((value, j) => (j > i ? NaN : value)))
    const expected = await (await cholesky(a, { blocks })).array()
    expect(await (await cholesky(tensor2d(values), { blocks })).array()).toEqual(expected)
  })

  it('names the row of the first pivot that is not positive', async () => {
    const a = tidy(() => {
      const indefinite = eye(30).arraySync()
      indefinite[17]![17] = -2
      return tensor2d(indefinite)
    })
    const error = await cholesky(a, { blocks }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(NotPositiveDefiniteError)
    expect((error as NotPositiveDefiniteError).row).toBe(17)
    await expect(cholesky(tensor2d([[NaN]]))).rejects.toThrow(/NaN or Infinity/)
  })

  it('refuses what is not square, and widths that are no widths', async () => {
    await expect(cholesky(tensor2d([[1, 2]]))).rejects.toThrow(/square matrix, got shape \[1, 2\]/)
    await expect(cholesky(eye(3), { blocks: [0] })).rejects.toThrow(/positive integers/)
  })
})

describe('choleskyFactor', () => {
  it('solves with a ridge as if it stood on the diagonal', async () => {
    const a = positiveDefinite(33, 8)
    const b = randomMatrix(33, 4, 9)
    const ridge = 0.75
    const withRidge = await solvePositiveDefinite(a, b, { ridge, blocks })
    const expected = await solvePositiveDefinite(add(a, mul(ridge, eye(33))) as Tensor2D, b, { blocks })
    expect(largest(sub(withRidge, expected))).toBeLessThan(1e-5)
    expect(largest(sub(add(matMul(a, withRidge), mul(ridge, withRidge)), b))).toBeLessThan(1e-4)
  })

  it('takes the lower tiles of a matrix in place of the matrix', async () => {
    const a = positiveDefinite(23, 5)
    const b = randomMatrix(23, 2, 6)
    const starts = [0, 10, 20]
    const sizes = [10, 10, 3]
    const tile = (i: number, j: number) => slice(a, [starts[i]!, starts[j]!], [sizes[i]!, sizes[j]!])
    const tiles = [[tile(0, 0)], [tile(1, 0), tile(1, 1)], [tile(2, 0), tile(2, 1), tile(2, 2)]]
    const whole = await solvePositiveDefinite(a, b, { blocks })
    expect(largest(sub(await solvePositiveDefinite(tiles, b, { blocks: [4] }), whole))).toBeLessThan(1e-5)
    await expect(choleskyFactor([[tile(0, 0)], [tile(2, 0), tile(1, 1)]])).rejects.toThrow(
      /column 0 of shape \[10, 10\]/,
    )
    await expect(choleskyFactor([[tile(0, 0)], [tile(1, 1)]])).rejects.toThrow(/row 1 must hold 2 tiles/)
  })

  it('gives half a solve whose squared length is the quadratic form', async () => {
    const a = positiveDefinite(18, 1)
    const b = randomMatrix(18, 1, 2)
    const factor = await choleskyFactor(a, { blocks })
    const half = factor.solveLower(b)
    const form = matMul(b, factor.solve(b), true).dataSync()[0]!
    expect(matMul(half, half, true).dataSync()[0]!).toBeCloseTo(form, 4)
  })

  it('knows the logarithm of the determinant, in blocks as at once', async () => {
    const a = tensor2d([
      [4, 12, -16],
      [12, 37, -43],
      [-16, -43, 98],
    ])
    // The factor's diagonal is 2, 1, 3.
    expect((await choleskyFactor(a)).logDeterminant).toBeCloseTo(Math.log(36), 6)
    expect((await choleskyFactor(a, { blocks: [2, 1] })).logDeterminant).toBeCloseTo(Math.log(36), 6)
    const wide = await choleskyFactor(eye(700), { ridge: 99 })
    expect(wide.logDeterminant).toBeCloseTo(700 * Math.log(100), 6)
  })

  it('keeps no tensor but those of the factor, and none after dispose', async () => {
    const a = positiveDefinite(40, 4)
    const b = randomMatrix(40, 3, 4)
    const before = memory().numTensors
    const factor = await choleskyFactor(a, { blocks })
    factor.solve(b).dispose()
    factor.lower().dispose()
    factor.dispose()
    const broken = tensor2d(
      Float32Array.from({ length: 900 }, (_, i) => (i % 31 === 0 && i < 899 ? 1 : 0)),
      [30, 30],
    )
    await expect(choleskyFactor(broken, { blocks })).rejects.toThrow()
    broken.dispose()
    expect(memory().numTensors).toBe(before)
  })

  it('checks the shape of a right-hand side', async () => {
    const factor = await choleskyFactor(eye(3))
    expect(() => factor.solve(tensor2d([[1], [2]]))).toThrow(/must have shape \[3, columns\], got \[2, 1\]/)
  })
})
