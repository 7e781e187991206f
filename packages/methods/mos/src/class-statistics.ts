import type { Part } from '@pilotjs/core/parts'
import type { Rng } from '@pilotjs/core/random'
import { classGaussians, classMixtures, gaussianSources } from '@pilotjs/statistics'
import type { FeatureSource } from '@pilotjs/statistics'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { kmeans } from 'ml-kmeans'

/** A Gaussian per class, one of independent features, or several of those. */
export const statisticsNames = ['covariance', 'variance', 'centroids'] as const

export interface ClassStatisticsOptions {
  readonly statistics: (typeof statisticsNames)[number]
  /** Groups per class. */
  readonly centroids: number
  readonly width: number
  readonly rng: Rng
}

/** What is kept of classes in place of their images. */
export interface ClassStatistics extends Part {
  learn(features: Tensor2D, labels: ArrayLike<number>, classes: readonly number[]): Promise<void>
  /** [classes or groups, width]; undefined before the first class. Inside `tidy`. */
  means(): Tensor2D | undefined
  sources(): Promise<{ readonly sources: readonly FeatureSource[]; dispose(): void }>
}

export function classStatistics({ statistics, centroids, width, rng }: ClassStatisticsOptions): ClassStatistics {
  if (statistics === 'centroids') {
    const partition = (rows: number[][], groups: number) =>
      kmeans(rows, groups, { seed: rng.fork(rows.length).int(2 ** 31), initialization: 'kmeans++' }).clusters
    const mixtures = classMixtures({ width, clusters: centroids, partition })
    return {
      ...mixtures,
      means: () => mixtures.means(),
      sources: async () => ({ sources: await mixtures.sources(), dispose: () => undefined }),
    }
  }
  const gaussians = classGaussians({ width, covariance: statistics === 'covariance' ? 'full' : 'diagonal' })
  return {
    variables: gaussians.variables,
    restore: gaussians.restore,
    dispose: gaussians.dispose,
    learn: (features, labels, classes) => Promise.resolve(gaussians.learn(features, labels, classes)),
    means: () => (gaussians.classes > 0 ? gaussians.means : undefined),
    async sources() {
      const sampler = await gaussians.sampler()
      return { sources: gaussianSources(sampler, gaussians.classes), dispose: sampler.dispose }
    },
  }
}
