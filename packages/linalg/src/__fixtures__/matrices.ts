import { abs, add, eye, matMul, max, mul, tensor2d, tidy } from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core'

/** Uniform numbers in [-1, 1) of a linear congruential generator (Numerical Recipes' constants). */
export function randomMatrix(rows: number, columns: number, seed: number): Tensor2D {
  let state = (seed ^ 0x5eed) >>> 0
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2147483648 - 1
  return tensor2d(Float32Array.from({ length: rows * columns }, next), [rows, columns])
}

/** R Rᵀ / size + I/2: eigenvalues in about [0.5, 2]. */
export function positiveDefinite(size: number, seed: number): Tensor2D {
  return tidy(() => {
    const r = randomMatrix(size, size, seed)
    return add(mul(1 / size, matMul(r, r, false, true)), mul(0.5, eye(size))) as Tensor2D
  })
}

/** Largest absolute entry. */
export const largest = (tensor: Tensor): number => max(abs(tensor)).dataSync()[0]!
