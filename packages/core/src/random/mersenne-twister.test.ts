import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mersenneTwister, numpyPermutation } from './mersenne-twister'

const hash = (order: Int32Array) => createHash('sha256').update(new Uint8Array(order.buffer)).digest('hex').slice(0, 16)

describe('mersenneTwister', () => {
  it("gives MT19937's first words for its reference seed", () => {
    const generator = mersenneTwister(5489)
    expect([generator.uint32(), generator.uint32(), generator.uint32(), generator.uint32()]).toEqual([
      3499211612, 581869302, 3890346734, 3586334585,
    ])
  })

  it("gives numpy's uniform numbers", () => {
    const generator = mersenneTwister(1993)
    expect([generator.uniform(), generator.uniform(), generator.uniform()]).toEqual([
      0.10042224286766133, 0.21941135757659003, 0.9310663354302137,
    ])
  })

  it('refuses what numpy refuses', () => {
    for (const seed of [-1, 2 ** 32, 0.5, NaN]) expect(() => mersenneTwister(seed)).toThrow(/seed must be/)
  })
})

describe('numpyPermutation', () => {
  it("gives PILOT's class order", () => {
    expect([...numpyPermutation(1993, 100).subarray(0, 12)]).toEqual([68, 56, 78, 8, 23, 84, 90, 65, 74, 76, 40, 89])
  })

  // Recorded with numpy: seed, length, SHA-256 of the permutation as little-endian int32.
  it.each([
    [1993, 100, 'fbd65b0c6835b440'],
    [0, 7, 'c7580cc15e6c3f5d'],
    [4294967295, 1000, '65fb47e78be4f63b'],
    [42, 1, 'df3f619804a92fdb'],
  ])('seed %i, length %i', (seed, length, expected) => {
    expect(hash(numpyPermutation(seed, length))).toBe(expected)
  })

  it('crosses the end of the state', () => {
    expect([...numpyPermutation(1993, 2000).subarray(-5)]).toEqual([1309, 225, 1969, 1721, 1441])
  })

  it('holds every number once', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.nat(300), (seed, length) => {
        const sorted = numpyPermutation(seed, length).sort()
        expect([...sorted]).toEqual(Array.from({ length }, (_, i) => i))
      }),
      { numRuns: 50 },
    )
  })
})
