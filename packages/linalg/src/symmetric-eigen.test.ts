import { add, eye, matMul, memory, mul, sub, tensor1d, tensor2d, transpose } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { largest, positiveDefinite, randomMatrix } from './__fixtures__/matrices'
import { symmetricEigen } from './symmetric-eigen'

/** Largest errors of A V = V Λ and of Vᵀ V = I, and whether the values ascend. */
async function check(matrix: Tensor2D, options?: Parameters<typeof symmetricEigen>[1]) {
  const { values, vectors } = await symmetricEigen(matrix, options)
  const list = [...(await values.data())]
  return {
    values: list,
    residual: largest(sub(matMul(matrix, vectors), mul(vectors, values))),
    orthogonality: largest(sub(matMul(vectors, vectors, true), eye(matrix.shape[0]))),
    ascending: list.every((value, i) => i === 0 || list[i - 1]! <= value),
  }
}

const small = { panel: 4, leaf: 3 }

/** The tridiagonal matrix as a whole. */
function tridiagonal(diagonal: readonly number[], off: readonly number[]): Tensor2D {
  const size = diagonal.length
  const values = new Float32Array(size * size)
  diagonal.forEach((value, i) => (values[i * size + i] = value))
  off.forEach((value, i) => (values[i * size + i + 1] = values[(i + 1) * size + i] = value))
  return tensor2d(values, [size, size])
}

describe('symmetricEigen', () => {
  it('solves a matrix worked out by hand', async () => {
    const { values, vectors } = await symmetricEigen(
      tensor2d([
        [2, 1],
        [1, 2],
      ]),
    )
    expect([...values.dataSync()]).toEqual([expect.closeTo(1, 6), expect.closeTo(3, 6)])
    const [a, b, c, d] = vectors.dataSync()
    expect(Math.abs(a! + c!)).toBeLessThan(1e-6)
    expect(Math.abs(b! - d!)).toBeLessThan(1e-6)
  })

  it('gives orthonormal vectors of the matrix, at any size and any cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer(),
        async (size, panel, leaf, seed) => {
          const r = randomMatrix(size, size, seed)
          const result = await check(add(r, transpose(r)), { panel, leaf })
          expect(result.ascending).toBe(true)
          expect(result.residual).toBeLessThan(3e-6 * Math.sqrt(size) * 2)
          expect(result.orthogonality).toBeLessThan(5e-6)
        },
      ),
      { numRuns: 12 },
    )
  })

  it.each([
    ['zero', mul(0, eye(17))],
    ['the identity', eye(20)],
    ['a diagonal with equal entries', tridiagonal([3, 1, 2, 1, 3, 1, 1, 2, 3, 0, 0], [])],
    ['ones everywhere: rank one', tensor2d(new Float32Array(400).fill(1), [20, 20])],
    ['a second difference', tridiagonal(Array<number>(30).fill(2), Array<number>(29).fill(-1))],
    [
      'Wilkinson’s W21+, whose largest values agree to 13 digits',
      tridiagonal(
        Array.from({ length: 21 }, (_, i) => Math.abs(10 - i)),
        Array<number>(20).fill(1),
      ),
    ],
    [
      'pieces glued by next to nothing',
      tridiagonal(
        Array.from({ length: 24 }, (_, i) => i % 6),
        Array.from({ length: 23 }, (_, i) => (i % 6 === 5 ? 1e-7 : 1)),
      ),
    ],
    [
      'a wide range of scales',
      tridiagonal(
        Array.from({ length: 16 }, (_, i) => 10 ** -i),
        Array.from({ length: 15 }, (_, i) => 10 ** -(i + 1)),
      ),
    ],
  ])('holds for %s', async (_, matrix) => {
    for (const options of [small, undefined]) {
      const result = await check(matrix as Tensor2D, options)
      expect(result.ascending).toBe(true)
      expect(result.residual).toBeLessThan(2e-5)
      expect(result.orthogonality).toBeLessThan(5e-6)
    }
  })

  it('gives the known values of the second difference', async () => {
    const size = 50
    const { values } = await check(tridiagonal(Array<number>(size).fill(2), Array<number>(size - 1).fill(-1)))
    values.forEach((value, i) => expect(value).toBeCloseTo(2 - 2 * Math.cos((Math.PI * (i + 1)) / (size + 1)), 5))
  })

  it('finds the spectrum that a matrix was made of', async () => {
    const { vectors } = await symmetricEigen(positiveDefinite(60, 1))
    const spectrum = Array.from({ length: 60 }, (_, i) => Math.floor(i / 7) - 3)
    const made: Tensor2D = matMul(mul(vectors, tensor1d(spectrum)), vectors, false, true)
    const { values } = await check(made, { panel: 16, leaf: 10 })
    values.forEach((value, i) => expect(value).toBeCloseTo(spectrum[i]!, 4))
  })

  it('says so when the matrix holds NaN, or is not square', async () => {
    await expect(
      symmetricEigen(
        tensor2d([
          [1, NaN],
          [NaN, 1],
        ]),
      ),
    ).rejects.toThrow(/NaN or Infinity/)
    await expect(symmetricEigen(tensor2d([[1, 2, 3]]))).rejects.toThrow(/square/)
  })

  it('leaves no tensor behind but its result', async () => {
    const matrix = positiveDefinite(50, 3)
    const before = memory().numTensors
    const { values, vectors } = await symmetricEigen(matrix, { panel: 16, leaf: 8 })
    expect(memory().numTensors).toBe(before + 2)
    values.dispose()
    vectors.dispose()
  })
})
