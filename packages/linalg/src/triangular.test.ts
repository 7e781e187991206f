import { linalg, matMul, memory, sub, tensor1d, tensor2d } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cholesky } from './cholesky'
import { SingularMatrixError } from './errors'
import { choleskySolve, triangularSolve } from './triangular'
import { largest, positiveDefinite, randomMatrix } from './__fixtures__/matrices'

describe('triangularSolve', () => {
  it('solves with either triangle, plain or transposed, and reads no other entry', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom('lower' as const, 'upper' as const),
        fc.boolean(),
        async (size, width, triangle, transposed) => {
          const matrix = positiveDefinite(size, size + width)
          const part = triangle === 'lower' ? linalg.bandPart(matrix, -1, 0) : linalg.bandPart(matrix, 0, -1)
          const rhs = randomMatrix(size, 3, width)
          const x = await triangularSolve(matrix, rhs, { triangle, transposed, blocks: [2 * width + 1, width] })
          expect(largest(sub(matMul(part, x, transposed), rhs))).toBeLessThan(1e-4)
        },
      ),
      { numRuns: 12 },
    )
  })

  it('names a zero on the diagonal', async () => {
    const matrix = tensor2d([
      [1, 0, 0],
      [2, 3, 0],
      [4, 5, 0],
    ])
    const rhs = tensor2d([[1], [1], [1]])
    const error = await triangularSolve(matrix, rhs, { blocks: [2] }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(SingularMatrixError)
    expect((error as SingularMatrixError).row).toBe(2)
  })

  it('leaves no tensor behind but the solution', async () => {
    const matrix = positiveDefinite(20, 1)
    const rhs = randomMatrix(20, 2, 1)
    const before = memory().numTensors
    ;(await triangularSolve(matrix, rhs, { triangle: 'upper', blocks: [8, 3] })).dispose()
    await expect(triangularSolve(matrix, tensor1d([1, 2, 3]) as unknown as Tensor2D)).rejects.toThrow(RangeError)
    expect(memory().numTensors).toBe(before + 1)
  })
})

describe('choleskySolve', () => {
  it('solves from the factor', async () => {
    const matrix = positiveDefinite(27, 2)
    const rhs = randomMatrix(27, 5, 3)
    const lower = await cholesky(matrix)
    expect(largest(sub(matMul(matrix, await choleskySolve(lower, rhs, { blocks: [9, 4] })), rhs))).toBeLessThan(1e-4)
  })
})
