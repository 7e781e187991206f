import type { PackedSplit } from '@pilotjs/icons-100'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import { drawingsByConcept, plainBatches } from './icon-batches'

const BATCH = 128

/** A network's features of some images of a split, by default of all, and their labels. */
export interface Features {
  features: Float32Array[]
  labels: ArrayLike<number>
}

export async function featuresOf(
  split: PackedSplit,
  apply: (images: Tensor4D) => Tensor2D,
  positions = Int32Array.from({ length: split.length }, (_, i) => i),
): Promise<Features> {
  const rows: Float32Array[] = []
  for (const batch of plainBatches(split, positions, BATCH)) {
    const output = tf.tidy(() => apply(batch.images))
    const values = (await output.data()) as Float32Array
    const width = output.shape[1]
    for (let i = 0; i < output.shape[0]; i++) rows.push(values.slice(i * width, (i + 1) * width))
    output.dispose()
    batch.dispose()
  }
  return { features: rows, labels: positions.map((position) => split.labels[position]!) }
}

/** Drawings of each concept that its prototype is made of in validation. */
const SHOTS = 4

/**
 * How often a held-out drawing is nearest to its own concept's prototype, of the concepts that have held-out drawings;
 * a prototype is the mean feature of a few training drawings.
 */
export async function validationAccuracy(
  train: PackedSplit,
  validation: PackedSplit,
  apply: (images: Tensor4D) => Tensor2D,
): Promise<number> {
  const concepts = [...new Set(validation.labels)]
  const index = new Map(concepts.map((concept, i) => [concept, i]))
  const drawings = drawingsByConcept(train)
  const few = concepts.flatMap((concept) => (drawings[concept] ?? []).slice(0, SHOTS))
  const renumbered = ({ features, labels }: Features): Features => ({
    features,
    labels: Array.from(labels, (label) => index.get(label)!),
  })
  return prototypeAccuracy(
    renumbered(await featuresOf(train, apply, Int32Array.from(few))),
    renumbered(await featuresOf(validation, apply)),
    concepts.length,
  )
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
export function prototypeAccuracy(train: Features, test: Features, classes: number): number {
  const width = train.features[0]!.length
  const prototypes = Array.from({ length: classes }, () => new Float32Array(width))
  train.features.forEach((feature, i) => {
    const prototype = prototypes[train.labels[i]!]!
    for (let k = 0; k < width; k++) prototype[k]! += feature[k]!
  })
  // the length of a sum is no matter to a cosine, nor is the length of the feature to the largest of them
  for (const prototype of prototypes) {
    const length = Math.hypot(...prototype) || 1
    for (let k = 0; k < width; k++) prototype[k]! /= length
  }
  const scores = test.features.map((feature) =>
    Float32Array.from(prototypes, (prototype) => prototype.reduce((sum, value, k) => sum + value * feature[k]!, 0)),
  )
  return accuracyOf(scores, test.labels)
}
