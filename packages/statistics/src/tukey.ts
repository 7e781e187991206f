import { log, maximum, pow, tidy } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'

/**
 * Tukey's ladder of powers, which brings skewed, non-negative features closer to a Gaussian (FeCAM's equation 10): f^power, or
 * log f for power 0. Negative features count as zero.
 */
export function tukey(features: Tensor2D, power: number): Tensor2D {
  return tidy(() => {
    const positive = maximum(features, power > 0 ? 0 : 1e-6)
    return (power === 0 ? log(positive) : pow(positive, power)) as Tensor2D
  })
}
