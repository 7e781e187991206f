import type { Batch, Rng } from '@pilotjs/core'
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

/** Batches over endless shuffled passes of a split. */
export function batchMaker(split: PackedSplit, recipe: Recipe, rng: Rng): BatchMaker {
  const { batchSize, model, keptPatches } = recipe
  const perEpoch = Math.floor(split.length / batchSize)
  if (perEpoch === 0) throw new Error(`${split.length} training images are fewer than a batch of ${batchSize}.`)
  let order: { epoch: number; positions: Int32Array } | undefined
  let spent = 0
  return {
    at(step, progress) {
      const start = performance.now()
      const epoch = Math.floor(step / perEpoch)
      if (order?.epoch !== epoch) order = { epoch, positions: rng.fork('epoch', epoch).permutation(split.length) }
      const first = (step % perEpoch) * batchSize
      const positions = order.positions.slice(first, first + batchSize)
      const own = rng.fork('step', step)
      const strength = Math.min(1, progress / recipe.augmentationRamp)
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

/** The images of a split as they are, in order. */
export function* plainBatches(split: PackedSplit, size: number): Generator<IconBatch> {
  for (let first = 0; first < split.length; first += size) {
    const positions = Int32Array.from({ length: Math.min(size, split.length - first) }, (_, i) => first + i)
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
