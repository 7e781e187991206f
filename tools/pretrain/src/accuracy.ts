import type { PackedSplit } from '@pilotjs/icons-100'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import { plainBatches } from './icon-batches'

const BATCH = 128

/** Rows of a network's output for every image of a split. */
export async function outputsOf(split: PackedSplit, apply: (images: Tensor4D) => Tensor2D): Promise<Float32Array[]> {
  const rows: Float32Array[] = []
  for (const batch of plainBatches(split, BATCH)) {
    const output = tf.tidy(() => apply(batch.images))
    const values = (await output.data()) as Float32Array
    const width = output.shape[1]
    for (let i = 0; i < output.shape[0]; i++) rows.push(values.slice(i * width, (i + 1) * width))
    output.dispose()
    batch.dispose()
  }
  return rows
}

/** Share of the rows whose largest number is at the label. */
export function accuracyOf(rows: Float32Array[], labels: ArrayLike<number>): number {
  const right = rows.filter(
    (row, i) => row.reduce((best, value, k) => (value > row[best]! ? k : best), 0) === labels[i],
  )
  return right.length / rows.length
}

/**
 * What SimpleCIL (Zhou et al., IJCV 2024) reaches on frozen features once all classes have come: the class whose mean
 * training feature has the largest cosine.
 */
export function prototypeAccuracy(
  train: { features: Float32Array[]; labels: ArrayLike<number> },
  test: { features: Float32Array[]; labels: ArrayLike<number> },
  classes: number,
): number {
  const width = train.features[0]!.length
  const prototypes = Array.from({ length: classes }, () => new Float32Array(width))
  train.features.forEach((feature, i) => {
    const prototype = prototypes[train.labels[i]!]!
    for (let k = 0; k < width; k++) prototype[k]! += feature[k]!
  })
  // the length of a sum is no matter to a cosine, nor is the length of the feature to the largest of them
  for (const prototype of prototypes) {
    const length = Math.hypot(...prototype)
    for (let k = 0; k < width; k++) prototype[k]! /= length
  }
  const scores = test.features.map((feature) =>
    Float32Array.from(prototypes, (prototype) => prototype.reduce((sum, value, k) => sum + value * feature[k]!, 0)),
  )
  return accuracyOf(scores, test.labels)
}
