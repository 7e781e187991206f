import { variableStore } from '@pilotjs/core/parameters'
import type { Part } from '@pilotjs/core/parts'
import type { Rng } from '@pilotjs/core/random'
import { choleskyFactor, NotPositiveDefiniteError } from '@pilotjs/linalg'
import type { CholeskyFactor } from '@pilotjs/linalg'
import {
  add,
  concat,
  div,
  eye,
  matMul,
  mul,
  reshape,
  slice,
  sqrt,
  sum,
  tensor2d,
  tidy,
  unstack,
} from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core'
import { classCovariances, classMeans } from './class-moments'

export interface ClassGaussiansOptions {
  /** Numbers per image. */
  width: number
  /** Keep whole covariances or only their diagonals: width² or width numbers a class. Default `full`. */
  covariance?: 'full' | 'diagonal'
  /** Added to the diagonals, so that classes of few images can be sampled from. Default 1e-4 (PILOT). */
  regularization?: number
}

/** A Gaussian per class over features: what a method without exemplars remembers of old classes (SLCA, CoFiMA, MOS). */
export interface ClassGaussians extends Part {
  readonly classes: number
  /** [classes, width] */
  readonly means: Tensor2D
  /** [classes, width, width], or [classes, width] of variances. */
  readonly covariances: Tensor3D | Tensor2D
  /**
   * Takes the statistics of new classes, which continue the count; those of old classes stay.
   * @param features [images, width]
   */
  learn(features: Tensor2D, labels: ArrayLike<number>, classes: readonly number[]): void
  /** Makes ready to draw: one Cholesky factorisation a class. The caller disposes it. */
  sampler(): Promise<GaussianSampler>
}

/** Draws features of a class. */
export interface GaussianSampler {
  /**
   * @param location the mean to draw around, [width] or [1, width]; default the class' own
   * @returns [count, width]
   */
  sample(label: number, count: number, rng: Rng, location?: Tensor): Tensor2D
  /** The features that standard normal numbers [count, width] stand for. */
  transform(label: number, normals: Tensor2D, location?: Tensor): Tensor2D
  dispose(): void
}

export function classGaussians({
  width,
  covariance = 'full',
  regularization = 1e-4,
}: ClassGaussiansOptions): ClassGaussians {
  const store = variableStore()
  const get = (name: string) => {
    if (!store.has(name)) throw new Error('no class has been learned yet: there are no Gaussians')
    return store.get(name)
  }
  const append = (name: string, rows: Tensor) =>
    store.set(name, store.has(name) ? concat([store.get(name) as Tensor, rows], 0) : rows)

  return {
    get classes() {
      return store.has('means') ? store.get('means').shape[0]! : 0
    },
    get means() {
      return get('means') as Tensor2D
    },
    get covariances() {
      return get('covariances') as Tensor3D | Tensor2D
    },
    learn(features, labels, classes) {
      classes.forEach((label, i) => {
        if (label !== this.classes + i)
          throw new RangeError(
            `class ${label} comes where class ${this.classes + i} is due: Gaussians are learned in order, once`,
          )
      })
      tidy(() => {
        const covariances = classCovariances(features, labels, classes)
        const own = covariance === 'full' ? covariances : sum(mul(covariances, eye(width)), 2)
        append('means', classMeans(features, labels, classes))
        append('covariances', add(own, covariance === 'full' ? mul(regularization, eye(width)) : regularization))
      })
    },
    async sampler() {
      const means = (get('means') as Tensor2D).clone()
      const factors: Tensor2D[] = []
      if (covariance === 'full') {
        const covariances = get('covariances') as Tensor3D
        for (let label = 0; label < covariances.shape[0]; label++) {
          // One after the other: all together would be as much again as is kept.
          const own = slice(covariances, [label, 0, 0], [1, width, width])
          const matrix: Tensor2D = reshape(own, [width, width])
          own.dispose()
          const factor = await factorOf(matrix)
          factors.push(factor.lower())
          factor.dispose()
          matrix.dispose()
        }
      } else tidy(() => unstack(sqrt(get('covariances')))).forEach((deviation) => factors.push(deviation as Tensor2D))

      const transform: GaussianSampler['transform'] = (label, normals, location) =>
        tidy(() => {
          const factor = factors[label]
          if (!factor) throw new RangeError(`class ${label} is none of the ${factors.length} learned ones`)
          const spread = covariance === 'full' ? matMul(normals, factor, false, true) : mul(normals, factor)
          return add(
            spread,
            location ? reshape(location, [1, width]) : slice(means, [label, 0], [1, width]),
          ) as Tensor2D
        })
      return {
        transform,
        sample: (label, count, rng, location) =>
          tidy(() => transform(label, tensor2d(rng.normals(count * width, 0, 1), [count, width]), location)),
        dispose() {
          means.dispose()
          factors.forEach((factor) => factor.dispose())
        },
      }
    },
    variables: store.all,
    restore: store.restore,
    dispose: store.dispose,
  }
}

/**
 * The factor of a covariance. Where few images of large features make one that float32 cannot tell from singular, the diagonal is
 * raised, from a millionth of the mean variance up in powers of ten, by as little as does it.
 */
async function factorOf(covariance: Tensor2D): Promise<CholeskyFactor> {
  const size = covariance.shape[0]
  try {
    return await choleskyFactor(covariance)
  } catch (error) {
    if (!(error instanceof NotPositiveDefiniteError)) throw error
    const variance = tidy(() => div(sum(mul(covariance, eye(size))), size))
    const mean = (await variance.data())[0]!
    variance.dispose()
    for (let part = 1e-6; ; part *= 10)
      try {
        return await choleskyFactor(covariance, { ridge: part * mean })
      } catch (again) {
        if (!(again instanceof NotPositiveDefiniteError) || part >= 1) throw again
      }
  }
}
