import { variableStore } from '@pilotjs/core/parameters'
import type { Part } from '@pilotjs/core/parts'
import { concat, expandDims, matMul, mul, slice, sub, sum, tidy, transpose } from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core'

/** A metric per class, for Mahalanobis distances: width² numbers a class. One tensor `precisions` [classes, width, width]. */
export interface ClassPrecisions extends Part {
  readonly classes: number
  /** Takes the metrics of the next classes. @param precisions [width, width] each */
  add(precisions: readonly Tensor2D[]): void
  /** Unlearns a class; later ones move up by one. */
  remove(label: number): void
  /**
   * Squared Mahalanobis distances of features to class means.
   * @param features [batch, width]
   * @param means [classes, width]
   * @returns [batch, classes], smaller is nearer
   */
  distances(features: Tensor2D, means: Tensor2D): Tensor2D
}

const name = 'precisions'

export function classPrecisions(): ClassPrecisions {
  const store = variableStore()
  const all = () => store.get(name) as Tensor as Tensor3D
  return {
    get classes() {
      return store.has(name) ? store.get(name).shape[0]! : 0
    },
    add(precisions) {
      tidy(() => {
        const own = precisions.map((precision) => expandDims(precision, 0) as Tensor3D)
        store.set(name, concat([...(store.has(name) ? [all()] : []), ...own], 0))
      })
    },
    remove(label) {
      tidy(() => {
        const before = slice(all(), [0, 0, 0], [label, -1, -1])
        store.set(name, concat([before, slice(all(), [label + 1, 0, 0])], 0))
      })
    },
    distances: (features, means) =>
      tidy(() => {
        const centred: Tensor3D = sub(expandDims(features, 0), expandDims(means, 1))
        return transpose(sum(mul(matMul(centred, all()), centred), 2)) as Tensor2D
      }),
    variables: store.all,
    restore: store.restore,
    dispose: store.dispose,
  }
}
