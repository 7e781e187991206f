import type { Batch } from '@pilotjs/core'
import type { Rng } from '@pilotjs/core/random'
import { IMAGE_BYTES, IMAGE_SIZE } from '@pilotjs/icons-100'
import type { PackedSplit } from '@pilotjs/icons-100'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor1D } from '@tensorflow/tfjs-core'
import { augment, normalise } from './augment'
import { keptTokens } from './patch-dropout'
import type { Recipe } from './recipe'

/** A batch of augmented icons, and the tokens that take part where patches are dropped. */
export interface IconBatch extends Batch {
  readonly kept?: Tensor1D
}

export interface BatchMaker {
  /** The batch of a training step; depends on the seed, the step and `progress` only. */
  at(step: number, progress: number): IconBatch
  /** Time spent in making batches, in seconds. */
  seconds(): number
}

/** How often another drawing is asked for when both are of one set: sets are consistent in themselves, which helps nobody. */
const TRIES = 3

/** Batches of pairs: two drawings each, of different sets if possible, of `batchSize / 2` concepts. */
export function batchMaker(split: PackedSplit, recipe: Recipe, rng: Rng): BatchMaker {
  const { batchSize, model, keptPatches } = recipe
  const pairs = batchSize / 2
  const concepts = drawingsByConcept(split).filter((drawings) => drawings.length > 1)
  if (concepts.length < pairs) {
    throw new Error(
      `A batch of ${batchSize} takes ${pairs} concepts with two drawings each; the corpus has ${concepts.length}.`,
    )
  }
  // a concept with many drawings comes more often, but not in proportion
  const upTo = new Float64Array(concepts.length)
  concepts.forEach((drawings, i) => (upTo[i] = (upTo[i - 1] ?? 0) + Math.sqrt(drawings.length - 1)))
  let spent = 0
  return {
    at(step, progress) {
      const start = performance.now()
      const own = rng.fork('step', step)
      const positions = new Int32Array(batchSize)
      const chosen = new Set<number>()
      while (chosen.size < pairs) {
        const concept = firstAbove(upTo, own.uniform() * upTo.at(-1)!)
        if (chosen.has(concept)) continue
        const [one, other] = drawTwo(concepts[concept]!, split.sets, own)
        positions[chosen.size] = one
        positions[chosen.size + pairs] = other
        chosen.add(concept)
      }
      const strength = recipe.augmentation * Math.min(1, progress / recipe.augmentationRamp)
      const images = new Float32Array(batchSize * IMAGE_BYTES)
      positions.forEach((position, i) => augment(imageAt(split, position), images, i * IMAGE_BYTES, own, strength))
      const kept =
        progress < recipe.patchDropoutUntil ? keptTokens(images, model.patchSize, keptPatches, own) : undefined
      const batch = iconBatch(images, positions, split, kept)
      spent += (performance.now() - start) / 1000
      return batch
    },
    seconds: () => spent,
  }
}

/** Positions of the drawings of each concept. */
export function drawingsByConcept({ labels }: PackedSplit): number[][] {
  const drawings: number[][] = []
  labels.forEach((label, i) => (drawings[label] ??= []).push(i))
  return Array.from(drawings, (positions) => positions ?? [])
}

/** The first index whose number is above a value, in rising numbers. */
function firstAbove(rising: Float64Array, value: number): number {
  let [low, high] = [0, rising.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if (rising[middle]! > value) high = middle
    else low = middle + 1
  }
  return low
}

function drawTwo(drawings: number[], sets: Uint16Array, rng: Rng): [number, number] {
  const one = rng.int(drawings.length)
  let other = one
  for (let tries = 0; tries < TRIES; tries++) {
    other = (one + 1 + rng.int(drawings.length - 1)) % drawings.length
    if (sets[drawings[one]!] !== sets[drawings[other]!]) break
  }
  return [drawings[one]!, drawings[other]!]
}

/** Images of a split as they are, by their positions. */
export function* plainBatches(split: PackedSplit, all: Int32Array, size: number): Generator<IconBatch> {
  for (let first = 0; first < all.length; first += size) {
    const positions = all.subarray(first, first + size)
    const images = new Float32Array(positions.length * IMAGE_BYTES)
    positions.forEach((position, i) => normalise(imageAt(split, position), images, i * IMAGE_BYTES))
    yield iconBatch(images, positions, split)
  }
}

const imageAt = (split: PackedSplit, i: number) => split.images.subarray(i * IMAGE_BYTES, (i + 1) * IMAGE_BYTES)

function iconBatch(images: Float32Array, positions: Int32Array, split: PackedSplit, kept?: Int32Array): IconBatch {
  const tensors = {
    images: tf.tensor4d(images, [positions.length, IMAGE_SIZE, IMAGE_SIZE, 3]),
    labels: tf.tensor1d(
      positions.map((position) => split.labels[position]!),
      'int32',
    ),
    ...(kept && { kept: tf.tensor1d(kept, 'int32') }),
  }
  return { ...tensors, positions, dispose: () => tf.dispose(tensors) }
}
