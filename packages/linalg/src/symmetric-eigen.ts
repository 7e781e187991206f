import { tensor1d, tidy } from '@tensorflow/tfjs-core'
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import { tridiagonalEigen } from './eigen/divide-and-conquer'
import { applyReflections, disposeReflections, tridiagonalize } from './eigen/tridiagonalize'
import { squareSize } from './shapes'

/** A = V diag(λ) Vᵀ. */
export interface SymmetricEigen {
  /** [size], ascending. */
  readonly values: Tensor1D
  /** [size, size]: column i is the unit eigenvector of value i. */
  readonly vectors: Tensor2D
}

export interface SymmetricEigenOptions {
  /** Columns that the reduction to tridiagonal form takes between two matrix products. Default 32. */
  panel?: number
  /** Largest tridiagonal matrix that is not divided further. Default 32. */
  leaf?: number
}

/**
 * Eigen decomposition of a symmetric matrix: Householder reduction to tridiagonal form in panels, divide and conquer, and the
 * reflections applied back to the vectors. Absolute errors are a few float32 roundings of the largest eigenvalue, as LAPACK's.
 * @param matrix [size, size], symmetric (not checked)
 * @throws RangeError for a matrix that is not square, Error for one that holds NaN or Infinity
 */
export async function symmetricEigen(
  matrix: Tensor2D,
  { panel = 32, leaf = 32 }: SymmetricEigenOptions = {},
): Promise<SymmetricEigen> {
  squareSize(matrix, 'the matrix')
  const { diagonal, off, reflections } = await tridiagonalize(matrix, panel)
  try {
    if (![...diagonal, ...off].every(Number.isFinite)) throw new Error('the matrix holds NaN or Infinity')
    return tidy(() => {
      const { values, vectors } = tridiagonalEigen(diagonal, off, leaf)
      return { values: tensor1d(Float32Array.from(values)), vectors: applyReflections(reflections, vectors) }
    })
  } finally {
    disposeReflections(reflections)
  }
}
