import { NotPositiveDefiniteError } from '@pilotjs/linalg'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import type { RidgeSolution } from './ridge-solution'
import type { RidgeFit, RidgeStatistics } from './ridge-statistics'
import { traceDeviation } from './trace-probes'

/** What is left unexplained of the targets below this part is rounding of float32 sums, and says nothing about a strength. */
const resolution = 1e-4

/** Powers of ten that are tried at all. */
const furthest = 30

/**
 * The ridge strength, a power of ten, under which the images of all tasks so far are most probable, and its weights: targets are taken for
 * Hᵀ-linear with Gaussian noise, weights for Gaussian, and strength = noise / prior variance maximises the marginal likelihood
 * (MacKay, Bayesian Interpolation, Neural Computation 1992; Bishop, PRML, § 3.5), with the noise variance at its best for each
 * strength: n · log(objective / n) + log det(HᵀH + λI) − M · log λ is least.
 *
 * It needs the sums alone, so that it judges all classes together without keeping an image. A held-out part of the newest task
 * cannot: a task's own classes are easy to tell apart, with fewer images than outputs its error hardly depends on small
 * strengths, and the one it prefers then meets a sum of as many images as outputs, where little regularised weights are at their
 * very worst (the interpolation peak; Belkin et al., PNAS 2019).
 *
 * A factorisation costs outputs³/3, so that there must be few: from the mean eigenvalue on it goes by powers of ten
 * the way that slopes say, until they say that the least is here, or the next is no better. Mostly one or two.
 * @throws RangeError before images were added, or where a state does not say how many there were
 */
export async function fitByEvidence(statistics: RidgeStatistics): Promise<RidgeSolution> {
  const { images, outputs } = statistics
  if (!(images > 0))
    throw new RangeError(
      Number.isNaN(images)
        ? 'these ridge statistics come from a state that does not say how many images are in them: learn anew, or name a strength'
        : 'no images have been added: a ridge strength cannot be chosen yet',
    )

  const mean = await statistics.meanEigenvalue()
  let exponent = mean > 0 ? Math.floor(Math.log10(mean)) : 0
  let best: { readonly exponent: number; readonly weights: Tensor2D; readonly loss: number } | undefined
  for (;;) {
    const fit = await statistics.fit(strengthOf(exponent)).catch((error: unknown) => {
      if (error instanceof NotPositiveDefiniteError && exponent < furthest) return undefined
      throw error
    })
    const known = fit && (fit.objective > resolution * images || exponent >= furthest)
    if (!known) {
      fit?.weights.dispose()
      if (best) break
      exponent += 1
      continue
    }
    const loss = lossOf(fit, exponent, images, outputs)
    if (best && !(loss < best.loss)) {
      fit.weights.dispose()
      break
    }
    best?.weights.dispose()
    best = { exponent, weights: fit.weights, loss }
    const step = stepFrom(fit, exponent, images, outputs)
    if (step === 0 || Math.abs(exponent + step) > furthest) break
    exponent += step
  }
  return { strength: strengthOf(best.exponent), weights: best.weights }
}

function lossOf({ objective, logDeterminant }: RidgeFit, exponent: number, images: number, outputs: number): number {
  return images * Math.log(objective / images) + logDeterminant - outputs * exponent * Math.LN10
}

/**
 * Where the least is seen from here: a power of ten further or less, or here. Newton's step on the loss over log λ, whose slope is
 * noise − γ: γ = M − λ tr(HᵀH + λI)⁻¹ counts the parameters that the images determine (MacKay's), noise = n · λ‖W‖² / objective
 * balances it at the least.
 */
function stepFrom(fit: RidgeFit, exponent: number, images: number, outputs: number): -1 | 0 | 1 {
  if (!(fit.squaredNorm > 0)) return 0
  const strength = strengthOf(exponent)
  const noise = (images * strength * fit.squaredNorm) / fit.objective
  const slope = noise - (outputs - strength * fit.inverseTrace)
  // Both factors of noise depend on λ; γ falls by Σ p (1 − p) with p = λ / (eigenvalue + λ).
  const curvature =
    noise * (1 + (strength * fit.squaredNormSlope) / fit.squaredNorm - (strength * fit.squaredNorm) / fit.objective) +
    strength * fit.inverseTrace -
    strength * strength * fit.inverseSquareTrace
  const nearHere = curvature > 0 && Math.abs(slope / curvature) < Math.LN10 / 2
  // What probes see of γ strays by this much (`traceProbes`): a smaller slope may as well be level.
  const determined = outputs - 2 * strength * fit.inverseTrace + strength * strength * fit.inverseSquareTrace
  const level = Math.abs(slope) <= traceDeviation(outputs, determined)
  return nearHere || level ? 0 : slope > 0 ? -1 : 1
}

/** The number that `1e-3` is, not the product of tenths. */
const strengthOf = (exponent: number): number => Number(`1e${exponent}`)
