import { matMul, mul, tensor1d, tidy } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { symmetricEigen } from './symmetric-eigen'

/** V f(λ) Vᵀ; f also gets the largest |λ|. */
async function spectralFunction(matrix: Tensor2D, f: (value: number, largest: number) => number): Promise<Tensor2D> {
  const { values, vectors } = await symmetricEigen(matrix)
  const eigenvalues = (await values.data()) as Float32Array
  const largest = eigenvalues.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  try {
    return tidy(() => {
      const scales = tensor1d(Float32Array.from(eigenvalues, (value) => f(value, largest)))
      return matMul<Tensor2D>(mul(vectors, scales), vectors, false, true)
    })
  } finally {
    values.dispose()
    vectors.dispose()
  }
}

/** Float32's distance between 1 and the next number. */
const float32Epsilon = 2 ** -23

export interface PseudoInverseOptions {
  /** Eigenvalues up to this part of the largest count as zero. Default size · 2⁻²³, as torch and MATLAB. */
  tolerance?: number
}

/**
 * Moore–Penrose inverse of a symmetric matrix: eigenvalues are inverted, those that are rounding noise become zero.
 * @param matrix [size, size], symmetric
 */
export async function symmetricPseudoInverse(matrix: Tensor2D, options: PseudoInverseOptions = {}): Promise<Tensor2D> {
  const { tolerance = matrix.shape[0] * float32Epsilon } = options
  return spectralFunction(matrix, (value, largest) => (Math.abs(value) <= tolerance * largest ? 0 : 1 / value))
}

/**
 * The symmetric positive semi-definite square root R of a matrix, R R = A. Negative eigenvalues count as zero.
 * @param matrix [size, size], symmetric positive semi-definite
 */
export async function symmetricSquareRoot(matrix: Tensor2D): Promise<Tensor2D> {
  return spectralFunction(matrix, (value) => Math.sqrt(Math.max(0, value)))
}

/**
 * The symmetric inverse square root of a matrix, for whitening: R A R = I on its range. Eigenvalues that are rounding noise
 * become zero.
 * @param matrix [size, size], symmetric positive semi-definite
 */
export async function symmetricInverseSquareRoot(
  matrix: Tensor2D,
  options: PseudoInverseOptions = {},
): Promise<Tensor2D> {
  const { tolerance = matrix.shape[0] * float32Epsilon } = options
  return spectralFunction(matrix, (value, largest) => (value <= tolerance * largest ? 0 : 1 / Math.sqrt(value)))
}
