import type { NamedTensors } from '@pilotjs/core'
import { add, mul } from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'

/**
 * A weight pulled towards a mean: w ← (1 − momentum)·w + momentum·mean, `times` times over, in closed form. MOS merges the
 * adapter that trains with the mean of the earlier tasks' (Sun et al., AAAI 2025, https://arxiv.org/abs/2412.09441).
 */
export function momentumMerge<T extends Tensor>(weight: T, mean: Tensor, momentum: number, times = 1): T {
  const kept = (1 - momentum) ** times
  return add(mul(weight, kept), mul(mean, 1 - kept))
}

/** `momentumMerge` of weights with means of the same names. */
export const mergedWeights = (weights: NamedTensors, means: NamedTensors, momentum: number, times = 1): NamedTensors =>
  Object.fromEntries(
    Object.entries(weights).map(([name, weight]) => [name, momentumMerge(weight, means[name]!, momentum, times)]),
  )
