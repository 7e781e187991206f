import { createRng } from '@pilotjs/core/random'
import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { prefixPool } from './prefix-pool'
import { expectSlopes } from './testing/small-vit'

/** Two blocks, three prompts of one token of two numbers: number = 100·block + 10·prompt + (0 keys, 5 values) + place. */
function numbered() {
  const pool = prefixPool({ size: 3, blocks: [2, 4], length: 1, width: 2, heads: 1, rng: createRng(1) })
  tf.tidy(() => {
    const numbers = [0, 1].flatMap((block) =>
      [0, 5].flatMap((kind) => [0, 1, 2].flatMap((id) => [0, 1].map((place) => 100 * block + 10 * id + kind + place))),
    )
    pool.variables().prompt!.assign(tf.tensor(numbers, [2, 2, 3, 1, 1, 2]))
  })
  return pool
}
const ids = (rows: number[][]) => tf.tensor2d(rows, [rows.length, rows[0]!.length], 'int32') as Tensor2D

describe('prefixPool', () => {
  it('gives each image the keys and values of its prompts, one after the other', () => {
    const pool = numbered()
    tf.tidy(() => {
      const { keys, values } = pool.tuning(
        ids([
          [2, 0],
          [1, 1],
        ]),
      ).prefix!(4)!
      expect(keys.arraySync()).toEqual([
        [
          [120, 121],
          [100, 101],
        ],
        [
          [110, 111],
          [110, 111],
        ],
      ])
      expect(values.arraySync()).toEqual([
        [
          [125, 126],
          [105, 106],
        ],
        [
          [115, 116],
          [115, 116],
        ],
      ])
      expect(pool.tuning(ids([[0]])).prefix!(3)).toBeUndefined()
    })
    pool.dispose()
  })

  it('mixes keys and values of different images where PILOT does', () => {
    const pool = numbered()
    tf.tidy(() => {
      // Rows: keys of images 0, 1, 2, then their values; image b gets rows 2b and 2b + 1.
      const { keys, values } = pool.tuning(ids([[0], [1], [2]]), { mixed: true }).prefix!(2)!
      expect(keys.arraySync()).toEqual([[[0, 1]], [[20, 21]], [[15, 16]]])
      expect(values.arraySync()).toEqual([[[10, 11]], [[5, 6]], [[25, 26]]])
    })
    pool.dispose()
  })

  it('trains what was chosen', () => {
    const pool = numbered()
    const chosen = ids([[2], [0]])
    const value = () => {
      const { keys, values } = pool.tuning(chosen).prefix!(4)!
      return tf.add(tf.sum(tf.mul(keys, 0.1)), tf.sum(tf.mul(values, 0.3))) as Scalar
    }
    const prompt = { prompt: pool.variables().prompt! }
    expectSlopes(value, prompt)
    pool.dispose()
    chosen.dispose()
  })

  it('finds prompts by key, and lets a task begin with the prompts of the last', () => {
    const pool = numbered()
    tf.tidy(() => {
      pool.variables().prompt_key!.assign(tf.tensor2d([1, 0, 0, 1, -1, 0], [3, 2]))
      expect(pool.nearest(tf.tensor2d([0.1, 2, -3, 1], [2, 2]), 1).arraySync()).toEqual([[1], [2]])
      pool.copy({ prompts: true, keys: false }, 0, 2, 1)
      expect(pool.tuning(ids([[2]])).prefix!(4)!.values.arraySync()).toEqual([[[105, 106]]])
      expect(pool.tuning(ids([[1]])).prefix!(4)!.values.arraySync()).toEqual([[[115, 116]]])
      expect((pool.variables().prompt_key!.arraySync() as number[][])[2]).toEqual([-1, 0])
      pool.copy({ prompts: false, keys: true }, 0, 2, 1)
      expect((pool.variables().prompt_key!.arraySync() as number[][])[2]).toEqual([1, 0])
    })
    pool.dispose()
  })
})
