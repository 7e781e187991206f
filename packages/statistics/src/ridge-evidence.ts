import { NotPositiveDefiniteError } from '@pilotjs/linalg'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import type { RidgeFit, RidgeStatistics } from './ridge-statistics'

export interface EvidenceFit {
  /** A power of ten. */
  readonly strength: number
  /** [classes, outputs]; the caller disposes them. */
  readonly weights: Tensor2D
}

/** What is left unexplained of the targets below this part is rounding of float32 sums, and says nothing about a strength. */
const resolution = 1e-4

/**
 * The ridge strength under which the images of all tasks so far are most probable, and its weights: targets are taken for
 * Hᵀ-linear with Gaussian noise, weights for Gaussian, and strength = noise / prior variance maximises the marginal likelihood
 * (MacKay, Bayesian Interpolation, Neural Computation 1992; Bishop, PRML, § 3.5), with the noise variance at its best for each
 * strength: n · log(objective / n) + log det(HᵀH + λI) − M · log λ is least.
 *
 * It needs the sums alone, so that it judges all classes together without keeping an image. A held-out part of the newest task
 * cannot: a task's own classes are easy to tell apart, with fewer images than outputs its error hardly depends on small
 * strengths, and the one it prefers then meets a sum of as many images as outputs, where little regularised weights are at their
 * very worst (the interpolation peak; Belkin et al., PNAS 2019). Walks over powers of ten from the mean eigenvalue on, a
 * factorisation each: three or four.
 * @throws RangeError before images were added, or where a state does not say how many there were
 */
export async function fitByEvidence(statistics: RidgeStatistics): Promise<EvidenceFit> {
  const { images, outputs } = statistics
  if (!(images > 0))
    throw new RangeError(
      Number.isNaN(images)
        ? 'these ridge statistics come from a state that does not say how many images are in them: learn anew, or name a strength'
        : 'no images have been added: a ridge strength cannot be chosen yet',
    )
  const lossOf = ({ objective, logDeterminant }: RidgeFit, exponent: number): number =>
    objective > resolution * images
      ? images * Math.log(objective / images) + logDeterminant - outputs * exponent * Math.LN10
      : Infinity
  const fitAt = async (exponent: number) => {
    const fit = await statistics.fit(strengthOf(exponent))
    return { exponent, weights: fit.weights, loss: lossOf(fit, exponent) }
  }

  const mean = await statistics.meanEigenvalue()
  let best = await fitAt(mean > 0 ? Math.ceil(Math.log10(mean)) : 0)
  /** Goes on in one direction as long as that makes the images more probable; says whether it moved. */
  const walk = async (direction: -1 | 1): Promise<boolean> => {
    for (let moved = false; ; moved = true) {
      const next = await fitAt(best.exponent + direction).catch((error: unknown) => {
        if (error instanceof NotPositiveDefiniteError) return undefined
        throw error
      })
      const better = next !== undefined && next.loss < best.loss && Math.abs(next.exponent) <= 30
      ;(better ? best : next)?.weights.dispose()
      if (!better) return moved
      best = next
    }
  }
  if (!(await walk(-1))) await walk(1)
  return { strength: strengthOf(best.exponent), weights: best.weights }
}

/** The number that `1e-3` is, not the product of tenths. */
const strengthOf = (exponent: number): number => Number(`1e${exponent}`)
