import { createRng } from '@pilotjs/core/random'
import { selectEngine } from '@pilotjs/core/node'
import { IMAGE_BYTES } from '@pilotjs/icons-100'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor3D } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { dropPatches, keptTokens } from './patch-dropout'

/** Two images: nothing drawn, and something drawn on the upper half only. */
function images(): Float32Array {
  const rng = createRng(5)
  const both = new Float32Array(2 * IMAGE_BYTES).fill(1)
  for (let p = 0; p < IMAGE_BYTES / 2; p++) both[IMAGE_BYTES + p] = rng.uniform() * 2 - 1
  return both
}

describe('patch dropout', () => {
  it('keeps the class token and so many different patches of each image', () => {
    const kept = keptTokens(images(), 4, 20, createRng(1))
    expect(kept).toHaveLength(2 * 21)
    for (const image of [0, 1]) {
      const own = [...kept.subarray(image * 21, (image + 1) * 21)]
      expect(own[0]).toBe(image * 65)
      expect(new Set(own).size).toBe(21)
      expect(own.slice(1).every((row) => row > image * 65 && row < (image + 1) * 65)).toBe(true)
    }
  })

  it('prefers patches with something on them', () => {
    let drawn = 0
    for (let seed = 0; seed < 50; seed++) {
      const own = keptTokens(images(), 4, 16, createRng(seed)).subarray(17 + 1)
      drawn += own.filter((row) => row - 65 - 1 < 32).length
    }
    expect(drawn / (50 * 16)).toBeGreaterThan(0.6)
    expect(drawn / (50 * 16)).toBeLessThan(0.95)
  })

  it('takes those tokens out of a batch of sequences', async () => {
    await selectEngine('cpu')
    const kept = tf.tensor1d([0, 2, 3, 4], 'int32')
    const tokens = tf.tensor3d([0, 1, 2, 3, 4, 5].map((row) => [row, row + 10]).flat(), [2, 3, 2])
    const site = { positions: tf.zeros<tf.Rank.R3>([1, 3, 2]) as Tensor3D, prefixTokens: 1 }
    expect(dropPatches(kept).embed!(tokens, site).arraySync()).toEqual([
      [
        [0, 10],
        [2, 12],
      ],
      [
        [3, 13],
        [4, 14],
      ],
    ])
  })
})
