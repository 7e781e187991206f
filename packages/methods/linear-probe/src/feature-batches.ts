import type { Rng } from '@pilotjs/core/random'
import type { BatchSource } from '@pilotjs/core/training'
import { gather, tensor1d, tidy } from '@tensorflow/tfjs-core'
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'

/** Rows of features with their labels. */
export interface FeatureRows {
  /** [batch, width] */
  readonly features: Tensor2D
  /** [batch], int32 */
  readonly labels: Tensor1D
  dispose(): void
}

/** Features in batches, in an order drawn anew each epoch. @param features [images, width]; stay the caller's */
export function featureBatches(
  features: Tensor2D,
  labels: ArrayLike<number>,
  { size, rng }: { readonly size: number; readonly rng: Rng },
): BatchSource<FeatureRows> {
  const total = labels.length
  return {
    stepsPerEpoch: Math.ceil(total / size),
    async *batches(epoch) {
      const order = rng.fork('epoch', epoch).permutation(total)
      for (let first = 0; first < total; first += size) {
        const picked = order.subarray(first, first + size)
        const rows = tidy(() => gather(features, tensor1d(picked, 'int32')))
        const own = tensor1d(
          Int32Array.from(picked, (row) => labels[row]!),
          'int32',
        )
        yield await Promise.resolve({
          features: rows,
          labels: own,
          dispose() {
            rows.dispose()
            own.dispose()
          },
        })
      }
    },
  }
}
