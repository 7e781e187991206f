import { PilotError } from '@pilotjs/core'
import { variableStore } from '@pilotjs/core/parameters'
import type { JsonValue, NamedTensors } from '@pilotjs/core'
import { oneHot } from '@pilotjs/core/ops'
import type { Part } from '@pilotjs/core/parts'
import { flushEngine } from '@pilotjs/core/training'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'

export interface NeighbourOptions {
  /** Neighbours that vote; all where there are fewer. */
  readonly neighbours: number
  /** A neighbour's vote is e to its cosine over this. */
  readonly temperature: number
  /** Similarities worked out at once. Default 2²², 16 MiB. */
  readonly atOnce?: number
}

/** Features of unit length with their labels. */
export interface Neighbours extends Part {
  /** @param features [images, width] */
  add(features: Tensor2D, labels: ArrayLike<number>): void
  /** Drops a class; later labels move up by one. */
  remove(label: number): void
  /**
   * [batch, width] → [batch, classes]: the logarithm of each class' share of the votes, no lower than that of a vote a class
   * without neighbours could have. Inside `tf.tidy`.
   */
  scores(features: Tensor2D, classes: number): Tensor2D
}

/** Shares below this are equal: a class without a neighbour has none. */
const LEAST = 1e-12

export function neighboursPart({ neighbours, temperature, atOnce = 2 ** 22 }: NeighbourOptions): Neighbours {
  const store = variableStore()
  let labels: readonly number[] = []
  const rows = () => store.get('features') as Tensor2D
  const unit = (features: Tensor2D): Tensor2D => tf.div(features, tf.add(tf.norm(features, 2, 1, true), 1e-12))
  const votes = (features: Tensor2D, classes: number): Tensor2D => {
    const similarities = tf.matMul(unit(features), rows(), false, true)
    const k = Math.min(neighbours, labels.length)
    const { values, indices } = tf.topk(similarities, k)
    // Of the nearest neighbour the vote is 1: the shares stay the same, and nothing overflows.
    const votes = tf.exp(tf.div(tf.sub(values, tf.slice(values, [0, 0], [-1, 1])), temperature))
    const voted = tf.gather(tf.tensor1d([...labels], 'int32'), tf.reshape(indices, [-1]))
    const ballots = tf.mul(oneHot(voted as tf.Tensor1D, classes), tf.reshape(votes, [-1, 1]))
    const counts = tf.sum(tf.reshape(ballots, [-1, k, classes]), 1)
    return tf.log(tf.add(tf.div(counts, tf.sum(counts, 1, true)), LEAST)) as Tensor2D
  }

  return {
    add(features, added) {
      tf.tidy(() => {
        const fresh = unit(features)
        store.set('features', labels.length > 0 ? tf.concat([rows(), fresh]) : fresh)
      })
      labels = [...labels, ...Array.from(added)]
    },
    remove(label) {
      const kept = labels.flatMap((own, row) => (own === label ? [] : [row]))
      if (kept.length === 0) store.delete('features')
      else if (kept.length < labels.length)
        tf.tidy(() => store.set('features', tf.gather(rows(), tf.tensor1d(kept, 'int32'))))
      labels = kept.map((row) => labels[row]! - Number(labels[row]! > label))
    },
    scores(features, classes) {
      const [images, width] = features.shape
      // A few images at a time: each is compared with all that are kept, which may be many.
      const together = Math.max(1, Math.floor(atOnce / labels.length))
      const pieces = Array.from({ length: Math.ceil(images / together) }, (_, piece) => {
        const first = piece * together
        const own = votes(tf.slice(features, [first, 0], [Math.min(together, images - first), width]), classes)
        flushEngine()
        return own
      })
      return pieces.length === 1 ? pieces[0]! : tf.concat(pieces, 0)
    },
    // They are remembered, not trained.
    variables: store.all,
    trainable: () => ({}),
    json: (): JsonValue => ({ labels }),
    restore(tensors: NamedTensors, json: JsonValue | undefined) {
      const { labels: saved } = (json ?? {}) as { readonly labels?: unknown }
      if (!Array.isArray(saved) || (tensors.features?.shape[0] ?? 0) !== saved.length)
        throw new PilotError(
          'invalid-state',
          'the neighbours are damaged in the saved state: features and labels do not pair up',
          { field: 'near' },
        )
      store.restore(tensors)
      labels = saved as number[]
    },
    dispose() {
      store.dispose()
      labels = []
    },
  }
}
