import { createRng } from '@pilotjs/core/random'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { promptPool, promptTokens } from './prompt-pool'

const make = () => promptPool({ size: 4, length: 2, width: 3, rng: createRng(1) })

/** Keys along the axes, and their sum. */
function withKeys() {
  const pool = make()
  tf.tidy(() => pool.variables().prompt_key!.assign(tf.tensor2d([1, 0, 0, 0, 2, 0, 0, 0, 3, 1, 1, 1], [4, 3])))
  return pool
}

describe('promptPool', () => {
  it('finds the prompts whose keys point where the query does', () => {
    const pool = withKeys()
    tf.tidy(() => {
      const queries = tf.tensor2d([5, 0.1, 0, 0, 1, 0.9], [2, 3])
      expect(pool.nearest(queries, 2).arraySync()).toEqual([
        [0, 3],
        [3, 1],
      ])
    })
    pool.dispose()
  })

  it('lets a batch vote, lower ids first among equals', () => {
    const pool = make()
    tf.tidy(() => {
      const picks = tf.tensor2d([3, 1, 3, 2, 3, 0], [3, 2], 'int32')
      expect(pool.elect(picks).arraySync()).toEqual([
        [3, 0],
        [3, 0],
        [3, 0],
      ])
    })
    pool.dispose()
  })

  it('gathers prompts, and gradients reach those that were chosen', () => {
    const pool = make()
    tf.tidy(() => {
      const all = pool.variables().prompt!
      const ids = tf.tensor2d([2, 0, 2, 1], [2, 2], 'int32')
      const values = all.arraySync() as number[][][]
      expect(pool.gather(ids).arraySync()).toEqual([
        [...values[2]!, ...values[0]!],
        [...values[2]!, ...values[1]!],
      ])
      const { grads } = tf.variableGrads(() => tf.sum(pool.gather(ids)) as tf.Scalar, [all])
      const slope = Object.values(grads)[0]!.arraySync() as number[][][]
      expect(slope.map((prompt) => prompt[0]![0])).toEqual([1, 1, 2, 0])
    })
    pool.dispose()
  })

  it('measures how alike queries and chosen keys are', () => {
    const pool = withKeys()
    tf.tidy(() => {
      const queries = tf.tensor2d([2, 0, 0, 0, 0, 4], [2, 3])
      const ids = tf.tensor2d([0, 1, 2, 3], [2, 2], 'int32')
      // (1 + 0) and (1 + 1/√3), over two images.
      expect(pool.affinity(queries, ids).dataSync()[0]).toBeCloseTo((2 + 1 / Math.sqrt(3)) / 2, 5)
    })
    pool.dispose()
  })

  it('copies prompts and keys within the pool', () => {
    const pool = make()
    const read = (name: string) => pool.variables()[name]!.arraySync() as number[][]
    const [prompts, keys] = [read('prompt'), read('prompt_key')]
    pool.copy({ prompts: true, keys: false }, 0, 2, 2)
    expect(read('prompt')).toEqual([prompts[0], prompts[1], prompts[0], prompts[1]])
    expect(read('prompt_key')).toEqual(keys)
    pool.copy({ prompts: false, keys: true }, 0, 1, 1)
    expect(read('prompt_key')).toEqual([keys[0], keys[0], keys[2], keys[3]])
    pool.dispose()
  })
})

describe('promptTokens', () => {
  it('puts prompts after the class token, at its position', () => {
    tf.tidy(() => {
      const prompts = tf.ones<tf.Rank.R3>([1, 2, 1])
      const positions = tf.tensor3d([10, 20, 30], [1, 3, 1])
      const tokens = tf.tensor3d([1, 2, 3], [1, 3, 1])
      const result = promptTokens(prompts).embed!(tokens, { positions, prefixTokens: 1 })
      expect(Array.from(result.dataSync())).toEqual([1, 11, 11, 2, 3])
    })
  })
})
