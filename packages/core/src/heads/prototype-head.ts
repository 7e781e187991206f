import * as tf from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import type { JsonValue } from '../contracts/tensors'
import { oneHot } from '../ops/one-hot'
import { expectShapes } from '../ops/shapes'
import { type CosineHeadOptions, cosineHead } from './cosine-head'
import type { Head } from './head'

export interface PrototypeHead extends Head {
  /**
   * Makes the mean feature of every class in `labels` its prototype. A class that was learned before, as in
   * domain-incremental streams, gets the mean over all its images so far.
   * @param features [images, width]
   */
  learn(features: Tensor2D, labels: ArrayLike<number>): void
  /** Unlearns a class; later ones move up by one. */
  remove(label: number): void
  /** Makes the images of one class images of another: its mean is of all of them. Classes behind `from` move up by one. */
  merge(into: number, from: number): void
}

/** Scores by the cosine to each class's mean feature (Snell et al., NeurIPS 2017; Zhou et al., SimpleCIL). Nothing is trained. */
export function prototypeHead(options: CosineHeadOptions): PrototypeHead {
  const head = cosineHead(options)
  /** Images per class that its prototype is the mean of. */
  let counts: number[] = []
  const everyLabel = () => Array.from({ length: head.classes }, (_, label) => label)
  const remove = (label: number): void => {
    const others = everyLabel().filter((other) => other !== label)
    tf.tidy(() => {
      const rows = head.rows(others)
      head.reset(others.length, { rows, width: rows.shape[1], keepScale: true })
    })
    counts.splice(label, 1)
  }

  return {
    get classes() {
      return head.classes
    },
    get width() {
      return head.width
    },
    grow(classes, grow) {
      head.grow(classes, { rows: 'zero', ...grow })
      while (counts.length < classes) counts.push(0)
    },
    reset(classes, reset) {
      head.reset(classes, { rows: 'zero', ...reset })
      counts = everyLabel().map(() => 0)
    },
    rows: head.rows,
    setRows: head.setRows,
    copyFrom(other) {
      head.copyFrom(other)
      counts = countsOf(other.json?.(), head.classes)
    },
    learn(features, labels) {
      expectShapes('prototypes', features.shape[0] === labels.length, `${labels.length} labels want as many rows`, {
        features,
      })
      const added = new Float32Array(head.classes)
      for (const label of Array.from(labels)) {
        if (!(label in added)) throw new Error(`prototypes: label ${label}, but the head has ${head.classes} classes`)
        added[label]!++
      }
      tf.tidy(() => {
        const column = (value: (label: number) => number) =>
          tf.tensor2d(
            Float32Array.from(added, (_, label) => value(label)),
            [added.length, 1],
          )
        const membership = oneHot(tf.tensor1d(Array.from(labels), 'int32'), added.length)
        const sums = tf.matMul(membership, features, true, false)
        // mean = old · (n / N) + sum / N; where nothing was added, the old row stays bit for bit.
        const old = column((label) => (added[label] === 0 ? 1 : counts[label]! / (counts[label]! + added[label]!)))
        const share = column((label) => (added[label] === 0 ? 0 : 1 / (counts[label]! + added[label]!)))
        head.setRows('all', tf.add(tf.mul(head.rows(), old), tf.mul(sums, share)))
      })
      counts = counts.map((count, label) => count + added[label]!)
    },
    merge(into, from) {
      const [own, more] = [counts[into]!, counts[from]!]
      tf.tidy(() => {
        const [first, second] = [head.rows([into]), head.rows([from])]
        head.setRows([into], tf.div(tf.add(tf.mul(first, own), tf.mul(second, more)), own + more))
      })
      counts[into] = own + more
      remove(from)
    },
    remove,
    apply: head.apply,
    variables: head.variables,
    json: () => ({ counts }),
    restore(tensors, json) {
      head.restore(tensors, undefined)
      counts = countsOf(json, head.classes)
    },
    dispose: head.dispose,
  }
}

function countsOf(json: JsonValue | undefined, classes: number): number[] {
  const saved = (json as { counts?: readonly JsonValue[] } | undefined)?.counts ?? []
  return Array.from({ length: classes }, (_, label) => Number(saved[label] ?? 0))
}
