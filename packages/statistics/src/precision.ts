import { NotPositiveDefiniteError, solvePositiveDefinite, symmetricPseudoInverse } from '@pilotjs/linalg'
import { add, eye, mul, sum, tidy } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { normalizeCovariance, rowCorrelations, shrinkCovariance } from './covariance'
import type { Shrinkage } from './covariance'

/**
 * Inverse of a class' shrunk covariance as correlations: the metric of FeCAM's distances (Goswami et al., NeurIPS 2023, equations
 * 8 and 9). Where images do not vary at all, as a single one does not, it is the identity.
 * @param covariance [width, width]
 * @returns [width, width]; the caller disposes it
 */
export async function correlationPrecision(covariance: Tensor2D, shrinkage: Shrinkage): Promise<Tensor2D> {
  const width = covariance.shape[0]
  const trace = tidy(() => sum(mul(covariance, eye(width))))
  const [variance] = await trace.data()
  trace.dispose()
  const unit = eye(width)
  if (variance === 0) return unit
  const correlations = tidy(() => normalizeCovariance(shrinkCovariance(covariance, shrinkage)))
  try {
    return await solvePositiveDefinite(correlations, unit)
  } catch (error) {
    // Without shrinkage a covariance of few images has directions in which nothing varies.
    if (!(error instanceof NotPositiveDefiniteError)) throw error
    return await symmetricPseudoInverse(correlations)
  } finally {
    correlations.dispose()
    unit.dispose()
  }
}

/**
 * The metric of PILOT's FeCAM: pseudo-inverse of the correlations of the rows of covariance + ridge · I (see `rowCorrelations`).
 * @param covariance [width, width]
 * @returns [width, width]; the caller disposes it
 */
export async function rowCorrelationPrecision(covariance: Tensor2D, ridge: number): Promise<Tensor2D> {
  const correlations = tidy(() => rowCorrelations(add(covariance, mul(ridge, eye(covariance.shape[0])))))
  return await symmetricPseudoInverse(correlations).finally(() => correlations.dispose())
}
