import { variableStore } from '@pilotjs/core/parameters'
import type { Part } from '@pilotjs/core/parts'
import { concat, expandDims, matMul, mul, slice, sub, sum, tidy, transpose } from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core'

/**
 * A metric per class, for Mahalanobis distances: width² numbers a class. They lie in blocks of 16 classes, tensors `0`, `1`, …
 * [classes of the block, width, width]: a new class then moves none but the latest few, and distances to a block need no more
 * room the more classes there are.
 */
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

/** Classes of a full block. */
const full = 16

export function classPrecisions(): ClassPrecisions {
  const store = variableStore()
  /** Blocks in the order of their classes; one may have become smaller, or be gone. */
  const blocks = () => {
    let first = 0
    return Object.entries(store.all())
      .map(([name, metrics]) => ({ name: Number(name), metrics: metrics as Tensor as Tensor3D }))
      .sort((a, b) => a.name - b.name)
      .map((block) => ({ ...block, first: (first += block.metrics.shape[0]) - block.metrics.shape[0] }))
  }
  const keep = (name: number, metrics: readonly Tensor3D[]) => store.set(String(name), concat([...metrics], 0))

  return {
    get classes() {
      const last = blocks().at(-1)
      return last ? last.first + last.metrics.shape[0] : 0
    },
    add(precisions) {
      tidy(() => {
        const own = precisions.map((precision) => expandDims(precision, 0) as Tensor3D)
        const last = blocks().at(-1)
        const room = last ? full - last.metrics.shape[0] : 0
        const joining = own.splice(0, room)
        if (last && joining.length > 0) keep(last.name, [last.metrics, ...joining])
        for (let name = (last?.name ?? -1) + 1; own.length > 0; name++) keep(name, own.splice(0, full))
      })
    },
    remove(label) {
      const { name, metrics, first } = blocks().findLast((block) => block.first <= label)!
      const at = label - first
      if (metrics.shape[0] === 1) return store.delete(String(name))
      tidy(() => keep(name, [slice(metrics, [0, 0, 0], [at, -1, -1]), slice(metrics, [at + 1, 0, 0])]))
    },
    distances: (features, means) =>
      tidy(() => {
        const images = expandDims(features, 0)
        const rows = blocks().map(({ metrics, first }) => {
          const own = expandDims(slice(means, [first, 0], [metrics.shape[0], -1]), 1)
          const centred: Tensor3D = sub(images, own)
          return sum(mul(matMul(centred, metrics), centred), 2)
        })
        return transpose(concat(rows, 0)) as Tensor2D
      }),
    variables: store.all,
    restore: store.restore,
    dispose: store.dispose,
  }
}
