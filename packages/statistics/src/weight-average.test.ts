import { tensor1d } from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addTaskVector, averageWeights, fisherAverage, taskVector } from './weight-average'

const read = (tensors: Readonly<Record<string, Tensor>>) =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, Array.from(tensor.dataSync())]))

describe('averageWeights', () => {
  it('mixes what both have and keeps what is new', () => {
    const mixed = averageWeights({ a: tensor1d([0, 4]) }, { a: tensor1d([1, 0]), b: tensor1d([7]) }, 0.25)
    expect(read(mixed)).toEqual({ a: [0.25, 3], b: [7] })
  })
})

describe('fisherAverage', () => {
  it('lets a weight follow the side it matters to', () => {
    const older = { weights: { a: tensor1d([0, 0, 8, 6]) }, fisher: { a: tensor1d([1, 0, 3, 0]) } }
    const newer = { weights: { a: tensor1d([4, 4, 0, 2]), b: tensor1d([5]) }, fisher: { a: tensor1d([0, 1, 1, 0]) } }
    // Last: no information at all, so the plain average.
    expect(read(fisherAverage(older, newer, 0.5))).toEqual({ a: [0, 4, 6, 4], b: [5] })
  })

  it('is the plain average where all matter alike', () => {
    const numbers = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 3, maxLength: 3 })
    fc.assert(
      fc.property(numbers, numbers, fc.double({ min: 0.05, max: 0.95, noNaN: true }), (a, b, share) => {
        const fisher = { w: tensor1d([1e-4, 1e-4, 1e-4]) }
        const [older, newer] = [{ w: tensor1d(a) }, { w: tensor1d(b) }]
        const found = read(fisherAverage({ weights: older, fisher }, { weights: newer, fisher }, share)).w!
        const plain = read(averageWeights(older, newer, share)).w!
        found.forEach((value, i) => expect(value).toBeCloseTo(plain[i]!, 4))
      }),
    )
  })

  it('names the weight whose information is missing', () => {
    const weights = { 'fc.weight': tensor1d([1]) }
    const both = { weights, fisher: {} }
    expect(() => fisherAverage(both, both, 0.5)).toThrow(/no Fisher information of 'fc.weight'/)
  })
})

describe('task vectors', () => {
  it('are differences that can be added again, in part', () => {
    const base = { a: tensor1d([1, 2]) }
    const vector = taskVector({ a: tensor1d([3, 1]), head: tensor1d([1]) }, base)
    expect(read(vector)).toEqual({ a: [2, -1] })
    expect(read(addTaskVector({ ...base, rest: tensor1d([9]) }, vector, 0.5))).toEqual({ a: [2, 1.5], rest: [9] })
  })
})
