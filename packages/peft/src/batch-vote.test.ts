import { createRng } from '@pilotjs/core/random'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { mostVoted as mostVotedInSteps, torchTopK as topKInSteps } from './__fixtures__/batch-vote'
import { mostVoted } from './batch-vote'
import { torchTopK } from './torch-top-k'

const topK = (values: readonly number[], k: number) => tf.tidy(() => torchTopK(tf.tensor1d([...values]), k).arraySync())
const elected = (picks: readonly number[], size: number, count: number) => {
  const votes = Array.from({ length: size }, (_, id) => picks.filter((pick) => pick === id).length)
  return tf.tidy(() => mostVoted(tf.tensor1d(votes), count).arraySync())
}

describe('torchTopK', () => {
  it('picks the largest, best first', () => {
    expect(topK([3, 9, 1, 7, 5], 3)).toEqual([1, 3, 4])
    expect(topK([1, 2], 1)).toEqual([1])
  })

  // What torch 1.13 answers on a CPU: which of several equal values it takes is an artefact of its partitioning.
  it.each([
    [[2, 0, 3, 3, 3, 3, 1, 0, 3], 2, [4, 8]],
    [[4, 3, 2, 3, 0, 3, 0, 2], 3, [0, 5, 3]],
    [[2, 1, 3, 4, 2, 1, 0], 3, [3, 2, 4]],
    [[4, 3, 2, 2, 1, 4, 1, 2, 1, 1, 2], 10, [0, 5, 1, 7, 10, 3, 2, 4, 6, 9]],
    [[1, 2, 0, 3, 3, 4, 2, 4, 3, 4], 1, [5]],
    [[4, 2, 1, 4, 1, 2], 1, [0]],
  ])('breaks ties in %j as torch does', (values, k, expected) => {
    expect(topK(values, k)).toEqual(expected)
    expect(topKInSteps(values, k)).toEqual(expected)
  })

  it('makes the very swaps that the plain steps make, whatever is equal', () => {
    const rng = createRng(7)
    for (const [size, k] of [
      [10, 5],
      [17, 4],
    ] as const)
      for (let trial = 0; trial < 6; trial++) {
        const values = Array.from({ length: size }, () => rng.int(trial % 4 === 0 ? size : 3))
        expect([values, k, topK(values, k)]).toEqual([values, k, topKInSteps(values, k)])
      }
  })
})

describe('mostVoted', () => {
  it('counts every image’s picks, and answers ids, not positions among those that have votes', () => {
    expect(elected([7, 2, 7, 3, 2, 7], 10, 2)).toEqual([7, 2])
    expect(elected([9, 9, 8, 9, 8, 5], 10, 3)).toEqual([9, 8, 5])
  })

  it('is what the plain steps give, where fewer were picked than are wanted, too', () => {
    const rng = createRng(3)
    for (let trial = 0; trial < 8; trial++) {
      const picks = Array.from({ length: 1 + rng.int(12) }, () => rng.int(10))
      expect([picks, elected(picks, 10, 5)]).toEqual([picks, mostVotedInSteps(picks, 10, 5)])
    }
  })
})
