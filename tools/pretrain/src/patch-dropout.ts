import type { Tuning } from '@pilotjs/core'
import type { Rng } from '@pilotjs/core/random'
import { IMAGE_BYTES, IMAGE_SIZE } from '@pilotjs/icons-100'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor1D, Tensor3D } from '@tensorflow/tfjs-core'

/** A patch on which nothing is drawn is this much less likely to be kept. */
const BLANK = 0.35

/**
 * Which tokens of each image take part in a training step (Liu et al., "PatchDropout", WACV 2023): the class token and
 * some of the patches, those with something drawn on them first of all.
 *
 * @param images batch · 32 · 32 · 3 numbers
 * @param patchSize side of a patch in pixels
 * @param keep patches to keep in each image
 * @returns positions in the batch's tokens laid end to end, [batch · (1 + keep)]
 */
export function keptTokens(images: Float32Array, patchSize: number, keep: number, rng: Rng): Int32Array {
  const grid = IMAGE_SIZE / patchSize
  const patches = grid * grid
  const batch = images.length / IMAGE_BYTES
  const kept = new Int32Array(batch * (1 + keep))
  const order = Array.from({ length: patches }, (_, i) => i)
  const rank = new Float64Array(patches)
  for (let b = 0; b < batch; b++) {
    const image = images.subarray(b * IMAGE_BYTES, (b + 1) * IMAGE_BYTES)
    for (let patch = 0; patch < patches; patch++) {
      // weighted sampling without replacement (Efraimidis and Spirakis, 2006): the largest logs of u / weight win
      rank[patch] = Math.log(rng.uniform() + 1e-12) / (isBlank(image, patch, patchSize, grid) ? BLANK : 1)
    }
    const first = b * (1 + patches)
    const chosen = order.slice().sort((p, q) => rank[q]! - rank[p]!)
    kept[b * (1 + keep)] = first
    for (let i = 0; i < keep; i++) kept[b * (1 + keep) + 1 + i] = first + 1 + chosen[i]!
  }
  return kept
}

function isBlank(image: Float32Array, patch: number, patchSize: number, grid: number): boolean {
  const top = Math.floor(patch / grid) * patchSize
  const left = (patch % grid) * patchSize
  const first = image[3 * (top * IMAGE_SIZE + left)]!
  for (let y = top; y < top + patchSize; y++) {
    for (let x = left; x < left + patchSize; x++) {
      if (Math.abs(image[3 * (y * IMAGE_SIZE + x)]! - first) > 0.1) return false
    }
  }
  return true
}

/** Keeps the given tokens, as `keptTokens` lists them, and drops all others before the first block. */
export function dropPatches(kept: Tensor1D): Tuning {
  return {
    embed(tokens: Tensor3D) {
      const [batch, length, width] = tokens.shape
      const rows = tf.gather(tf.reshape(tokens, [batch * length, width]), kept)
      return tf.reshape(rows, [batch, kept.size / batch, width])
    },
  }
}
