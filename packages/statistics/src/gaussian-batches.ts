import type { Rng } from '@pilotjs/core/random'
import { concat, gather, tensor1d, tidy } from '@tensorflow/tfjs-core'
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import type { GaussianSampler } from './class-gaussians'

/** Features with labels, in place of images: what a head alone trains on. */
export interface FeatureBatch {
  /** [batch, width] */
  readonly features: Tensor2D
  /** [batch], int32 */
  readonly labels: Tensor1D
  dispose(): void
}

/** Somewhere features of one class come from. */
export interface FeatureSource {
  readonly label: number
  /** [count, width] */
  draw(count: number, rng: Rng): Tensor2D
}

export interface FeatureBatchesOptions {
  sources: readonly FeatureSource[]
  /** Features drawn from each source, anew every epoch. PILOT's SLCA and CoFiMA: 256; MOS: five times the batch size. */
  samples: number
  /** Features per step. Default `samples`. */
  batchSize?: number
  /** Steps per epoch. Default: as many as use all that was drawn. */
  steps?: number
  /**
   * Each epoch's numbers and order derive from it and the epoch's number: first those of every source in turn, then the order.
   */
  rng: Rng
}

/** Batches of every epoch, to spread into `train`'s options. */
export interface FeatureBatches {
  readonly stepsPerEpoch: number
  batches(epoch: number): AsyncGenerator<FeatureBatch, void>
}

/**
 * Features drawn class by class and shuffled together: what classifier alignment trains heads on in place of old images (SLCA,
 * Zhang et al., ICCV 2023, https://arxiv.org/abs/2303.05118). An epoch holds sources × samples features in memory.
 */
export function drawnFeatureBatches(options: FeatureBatchesOptions): FeatureBatches {
  const { sources, samples, batchSize = samples, rng } = options
  if (sources.length === 0) throw new RangeError('there is no class to draw features of')
  const total = sources.length * samples
  const { steps = Math.ceil(total / batchSize) } = options
  return {
    stepsPerEpoch: steps,
    async *batches(epoch) {
      const own = rng.fork('epoch', epoch)
      const drawn = tidy(() =>
        concat(
          sources.map((source) => source.draw(samples, own)),
          0,
        ),
      )
      try {
        const order = own.permutation(total)
        for (let step = 0; step < steps && step * batchSize < total; step++) {
          const rows = order.subarray(step * batchSize, (step + 1) * batchSize)
          const labels = Int32Array.from(rows, (row) => sources[Math.floor(row / samples)]!.label)
          const features = tidy(() => gather(drawn, tensor1d(rows, 'int32')))
          const labelled = tensor1d(labels, 'int32')
          yield await Promise.resolve({
            features,
            labels: labelled,
            dispose() {
              features.dispose()
              labelled.dispose()
            },
          })
        }
      } finally {
        drawn.dispose()
      }
    },
  }
}

/**
 * Learned Gaussians as sources.
 * @param location the mean to draw a class around, where it is not the class' own: [width]
 */
export const gaussianSources = (
  sampler: GaussianSampler,
  classes: number,
  location?: (label: number) => Tensor,
): readonly FeatureSource[] =>
  Array.from({ length: classes }, (_, label) => ({
    label,
    draw: (count, rng) => tidy(() => sampler.sample(label, count, rng, location?.(label))),
  }))
