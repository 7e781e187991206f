import type { FeatureExtractor, LabeledImages, LearnContext, Task } from '@pilotjs/core'
import { tensor2d } from '@tensorflow/tfjs-core'

/** Images whose only content is their features: sample i of the rows, with its key and label. */
function view(rows: ArrayLike<number>, labels: ArrayLike<number>): LabeledImages {
  const own = Array.from(rows)
  return {
    length: own.length,
    labels: Int32Array.from(labels),
    key: (position) => `sample-${own[position]}`,
    select: (positions) => {
      const picked = Array.from(positions)
      return view(
        picked.map((position) => own[position]!),
        picked.map((position) => labels[position]!),
      )
    },
    concat: (other) =>
      view(
        [...own, ...Array.from({ length: other.length }, (_, i) => rowOf(other.key(i)))],
        [...Array.from(labels), ...other.labels],
      ),
    batches: () => {
      throw new Error('these images have no pixels')
    },
  }
}

export const rowOf = (key: string) => Number(key.slice('sample-'.length))

/** A context whose feature cache looks the features up, and whose `recall` checks that keys and labels still agree. */
export function toyContext(features: Float32Array, width: number, labels: ArrayLike<number>): LearnContext {
  return {
    signal: new AbortController().signal,
    features: {
      stats: { computed: 0, reused: 0 },
      extract: (images: LabeledImages, { width: asked }: FeatureExtractor) => {
        if (asked !== width) throw new Error(`these features are ${width} wide, not ${asked}`)
        const values = new Float32Array(images.length * width)
        for (let i = 0; i < images.length; i++) {
          const row = rowOf(images.key(i))
          values.set(features.subarray(row * width, (row + 1) * width), i * width)
        }
        return Promise.resolve(tensor2d(values, [images.length, width]))
      },
    },
    recall: (keys: readonly string[], asked: ArrayLike<number>) => {
      keys.forEach((key, i) => {
        if (labels[rowOf(key)] !== asked[i]) throw new Error(`${key} has no label ${asked[i]}`)
      })
      return view(keys.map(rowOf), asked)
    },
  } as unknown as LearnContext
}

/** The task that brings these classes, with all samples of them. */
export function toyTask(index: number, labels: ArrayLike<number>, from: number, to: number): Task {
  const rows = Array.from(labels, (_, row) => row).filter((row) => labels[row]! >= from && labels[row]! < to)
  return {
    index,
    classes: Array.from({ length: to - from }, (_, i) => from + i),
    classesBefore: from,
    classesAfter: to,
    train: view(
      rows,
      rows.map((row) => labels[row]!),
    ),
  }
}
