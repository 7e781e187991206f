import { add, eye, matMul, memory, mul, sub, transpose } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { largest, positiveDefinite, randomMatrix } from './__fixtures__/matrices'
import { symmetricInverseSquareRoot, symmetricPseudoInverse, symmetricSquareRoot } from './spectral-functions'

/** Indefinite, of rank 12. */
function rankDeficient(size: number): Tensor2D {
  const r = randomMatrix(size, 12, 5)
  const signs = eye(12)
    .arraySync()
    .map((row, i) => row.map((value) => (i % 2 ? -value : value)))
  return mul(1 / size, matMul(matMul(r, signs), r, false, true))
}

describe('symmetricPseudoInverse', () => {
  it('fulfils Moore and Penrose’s conditions for a matrix that has no inverse', async () => {
    const a = rankDeficient(40)
    const inverse = await symmetricPseudoInverse(a)
    const range = matMul(a, inverse)
    expect(largest(sub(matMul(range, a), a))).toBeLessThan(1e-5)
    expect(largest(sub(matMul(inverse, range), inverse))).toBeLessThan(2e-3)
    expect(largest(sub(range, transpose(range)))).toBeLessThan(2e-5)
  })

  it('is the inverse where there is one', async () => {
    const a = positiveDefinite(30, 1)
    expect(largest(sub(matMul(a, await symmetricPseudoInverse(a)), eye(30)))).toBeLessThan(1e-5)
  })

  it('drops what is below the tolerance', async () => {
    const a = add(mul(rankDeficient(20), 0), eye(20)) as Tensor2D
    expect(largest(await symmetricPseudoInverse(a, { tolerance: 1 }))).toBe(0)
  })
})

describe('square roots', () => {
  it('multiply to the matrix, and to its inverse', async () => {
    const a = positiveDefinite(35, 2)
    const root = await symmetricSquareRoot(a)
    expect(largest(sub(matMul(root, root), a))).toBeLessThan(1e-5)
    const inverse = await symmetricInverseSquareRoot(a)
    expect(largest(sub(matMul(matMul(inverse, a), inverse), eye(35)))).toBeLessThan(1e-5)
  })

  it('leave no tensor behind', async () => {
    const a = positiveDefinite(10, 2)
    const before = memory().numTensors
    ;(await symmetricSquareRoot(a)).dispose()
    expect(memory().numTensors).toBe(before)
  })
})
