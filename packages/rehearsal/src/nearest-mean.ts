import { add, div, matMul, mul, norm, square, sub, sum, tidy, transpose } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'

/**
 * Nearest-mean-of-exemplars scores: −‖f/(‖f‖ + 1e-8) − μ_c‖², so that the largest is the nearest (Rebuffi et al., iCaRL, CVPR
 * 2017, equation 2; PILOT's `_eval_nme`).
 * @param features [batch, width]
 * @param means [classes, width], as they are (an exemplar memory's are unit vectors)
 * @returns [batch, classes]
 */
export function nearestMeanScores(features: Tensor2D, means: Tensor2D): Tensor2D {
  if (features.shape[1] !== means.shape[1])
    throw new RangeError(`features are ${features.shape[1]} wide, but the class means ${means.shape[1]}`)
  return tidy(() => {
    const units = div(features, add(norm(features, 2, 1, true), 1e-8)) as Tensor2D
    const own = sum(square(units), 1, true)
    const theirs = transpose(sum(square(means), 1, true))
    return sub(mul(2, matMul(units, means, false, true)), add(own, theirs)) as Tensor2D
  })
}
