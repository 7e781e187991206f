import { describe, expect, it } from 'vitest'
import { mostVoted, torchTopK } from './batch-vote'

describe('torchTopK', () => {
  it('picks the largest, best first', () => {
    expect(torchTopK([3, 9, 1, 7, 5], 3)).toEqual([1, 3, 4])
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
    expect(torchTopK(values, k)).toEqual(expected)
  })
})

describe('mostVoted', () => {
  it('counts every image’s picks', () => {
    expect(mostVoted([7, 2, 7, 3, 2, 7], 10, 2)).toEqual([7, 2])
  })

  it('answers ids, not positions among those that have votes', () => {
    expect(mostVoted([9, 9, 8, 9, 8, 5], 10, 3)).toEqual([9, 8, 5])
  })
})
