import {
  add,
  cast,
  clipByValue,
  concat,
  div,
  eye,
  lessEqual,
  matMul,
  mean,
  mul,
  outerProduct,
  rsqrt,
  slice,
  sub,
  sum,
  tidy,
} from '@tensorflow/tfjs-core'
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'

const diagonalOf = (matrix: Tensor2D): Tensor1D => tidy(() => sum(mul(matrix, eye(matrix.shape[0])), 1)) as Tensor1D

export interface Shrinkage {
  /** γ₁: of the mean variance, added to the diagonal. Default 1. */
  diagonal?: number
  /** γ₂: of the mean covariance, added off the diagonal. Default 1. */
  offDiagonal?: number
}

/**
 * Σ + γ₁ V₁ I + γ₂ V₂ (1 − I), with V₁ the mean of the diagonal and V₂ of what is off it: a covariance of few images made
 * invertible (Goswami et al., FeCAM, NeurIPS 2023, equation 9).
 */
export function shrinkCovariance(covariance: Tensor2D, { diagonal = 1, offDiagonal = 1 }: Shrinkage = {}): Tensor2D {
  const size = covariance.shape[0]
  return tidy(() => {
    const variances = sum(diagonalOf(covariance))
    const others = size > 1 ? div(sub(sum(covariance), variances), size * (size - 1)) : mul(0, variances)
    const unit = eye(size)
    const onDiagonal = mul(unit, mul(diagonal, div(variances, size)))
    const offIt = mul(sub(1, unit), mul(offDiagonal, others))
    return add(covariance, add(onDiagonal, offIt)) as Tensor2D
  })
}

/**
 * Σᵢⱼ / (σᵢ σⱼ): covariances of different classes on one scale (FeCAM's equation 8). What does not vary correlates with nothing
 * but itself, so that the covariance of a single image becomes the identity and not 0 / 0.
 */
export function normalizeCovariance(covariance: Tensor2D): Tensor2D {
  return tidy(() => {
    const variances = diagonalOf(covariance)
    const still = cast(lessEqual(variances, 0), 'float32')
    const scale = mul(rsqrt(add(variances, still)), sub(1, still)) as Tensor1D
    return add(mul(covariance, outerProduct(scale, scale)), mul(eye(covariance.shape[0]), still)) as Tensor2D
  })
}

/**
 * Correlations of a matrix' rows, as `torch.corrcoef` takes them. PILOT's FeCAM normalises covariances by it, which treats a
 * covariance's columns as observations: the result has rank size − 1, so it needs a pseudo-inverse.
 */
export function rowCorrelations(matrix: Tensor2D): Tensor2D {
  return tidy(() => {
    const centred = sub(matrix, mean(matrix, 1, true)) as Tensor2D
    const products: Tensor2D = matMul(centred, centred, false, true)
    return clipByValue(normalizeCovariance(products), -1, 1) as Tensor2D
  })
}

/**
 * Squared Mahalanobis distances of features to class means.
 * @param features [batch, width]
 * @param means [classes, width]
 * @param precisions per class, an inverse covariance [width, width]
 * @returns [batch, classes], smaller is nearer
 */
export function mahalanobisDistances(features: Tensor2D, means: Tensor2D, precisions: readonly Tensor2D[]): Tensor2D {
  const [classes, width] = means.shape
  if (precisions.length !== classes) throw new RangeError(`${precisions.length} precisions for ${classes} class means`)
  if (features.shape[1] !== width)
    throw new RangeError(`features are ${features.shape[1]} wide, but the class means ${width}`)
  return tidy(() =>
    concat(
      precisions.map((precision, label) =>
        tidy(() => {
          const centred = sub<Tensor2D>(features, slice(means, [label, 0], [1, width]))
          return sum<Tensor2D>(mul(matMul(centred, precision), centred), 1, true)
        }),
      ),
      1,
    ),
  )
}
