import { NotPositiveDefiniteError } from '@pilotjs/linalg'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import type { RidgeStatistics } from './ridge-statistics'
import { ridgeStrengths } from './select-ridge'

/** Weights, and the strength that they were found with. */
export interface RidgeSolution {
  readonly strength: number
  /** [classes, outputs]; the caller disposes them. */
  readonly weights: Tensor2D
}

/**
 * The weights at this strength, or at the next larger power of ten times it that float32 can solve with: the Gram matrix of all
 * images can be closer to singular than the images that chose.
 * @throws NotPositiveDefiniteError where none of `ridgeStrengths` would do
 */
export async function solveFrom(statistics: RidgeStatistics, wanted: number): Promise<RidgeSolution> {
  for (let strength = wanted; ; strength *= 10)
    try {
      return { weights: await statistics.solve(strength), strength }
    } catch (error) {
      if (!(error instanceof NotPositiveDefiniteError) || strength >= ridgeStrengths.at(-1)!) throw error
    }
}
