import { add, max, mean, mul, slice, sub } from '@tensorflow/tfjs-core'
import { frozenFeatures } from '@pilotjs/core/features'
import type { FeatureExtractor, TransformerBackbone } from '@pilotjs/core'
import type { Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core'

/** What an image is compared to the keys by. */
export const queryKinds = ['cls', 'mean', 'max', 'mean_max'] as const
export type QueryKind = (typeof queryKinds)[number]

/** Queries as a cache keeps them. */
export const queryExtractor = (vit: TransformerBackbone, kind: QueryKind): FeatureExtractor =>
  kind === 'cls'
    ? frozenFeatures(vit)
    : {
        id: async () => `${await vit.fingerprint()}/query-${kind}`,
        width: vit.width,
        apply: (images) => queriesOf(vit, images, kind),
      }

/** Frozen queries: the class token, or mean, maximum, or maximum + 2 · mean of the patch embeddings. [batch, width]. */
export function queriesOf(vit: TransformerBackbone, images: Tensor4D, kind: QueryKind): Tensor2D {
  if (kind === 'cls') return vit.features(images)
  const patches: Tensor3D = vit.embed(images, {
    tuning: {
      embed: (tokens, { positions, prefixTokens }) => slice(sub(tokens, positions) as Tensor3D, [0, prefixTokens, 0]),
    },
  })
  const average = mean(patches, 1) as Tensor2D
  if (kind === 'mean') return average
  const largest = max(patches, 1) as Tensor2D
  return kind === 'max' ? largest : add(largest, mul(average, 2))
}
