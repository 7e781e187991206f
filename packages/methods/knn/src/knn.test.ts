import { keepsTheContract, tinyBackbone } from '@pilotjs/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { knn } from './knn'
import { neighboursPart } from './neighbours'

describe('knn', () => {
  keepsTheContract(knn, { neighbours: 5 })

  it('says what its options are', () => {
    expect(knn().options).toEqual({ neighbours: 20, temperature: 0.07 })
    expect(() => knn({ neighbours: 0 })).toThrow(/neighbours/)
    const backbone = tinyBackbone()
    expect(knn().create({ backbone, seed: 1 }).extractor.width).toBe(backbone.width)
    backbone.dispose()
  })
})

describe('neighboursPart', () => {
  /** Directions in the plane, by angle. */
  const points = (...angles: number[]) =>
    tf.tensor2d(
      angles.map((degrees) => [2 * Math.cos((degrees * Math.PI) / 180), 2 * Math.sin((degrees * Math.PI) / 180)]),
    )

  it('lets the nearest vote by e to the cosine over the temperature', () => {
    const before = tf.memory().numTensors
    const near = neighboursPart({ neighbours: 3, temperature: 0.5 })
    const [kept, query] = [points(10, 20, 40, 180), points(0)]
    near.add(kept, [0, 1, 1, 2])
    const vote = (degrees: number) => Math.exp(Math.cos((degrees * Math.PI) / 180) / 0.5)
    const all = vote(10) + vote(20) + vote(40)
    const shares = tf.tidy(() => tf.exp(near.scores(query, 3)).arraySync()) as number[][]
    expect(shares[0]![0]).toBeCloseTo(vote(10) / all, 5)
    expect(shares[0]![1]).toBeCloseTo((vote(20) + vote(40)) / all, 5)
    // Class 2 is not among the three nearest.
    expect(shares[0]![2]).toBeLessThan(1e-6)
    near.remove(1)
    const without = tf.tidy(() => tf.exp(near.scores(query, 2)).arraySync()) as number[][]
    expect(without[0]![0]! / without[0]![1]!).toBeCloseTo(vote(10) / vote(180), 3)
    expect(near.json!()).toEqual({ labels: [0, 1] })
    tf.dispose([kept, query])
    near.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('gives a single class all votes', () => {
    const near = neighboursPart({ neighbours: 2, temperature: 0.5 })
    const kept = points(10, 20)
    near.add(kept, [0, 0])
    expect(tf.tidy(() => near.scores(kept, 1).arraySync())).toEqual([[0], [0]])
    kept.dispose()
    near.dispose()
  })

  it('compares a few images at a time where many are kept, with the same outcome', () => {
    const [kept, queries] = [points(10, 20, 40, 180), points(0, 90, 170, 270, 33)]
    const scores = (atOnce?: number) => {
      const near = neighboursPart({ neighbours: 2, temperature: 0.5, atOnce })
      near.add(kept, [0, 1, 1, 2])
      const found = tf.tidy(() => [...near.scores(queries, 3).dataSync()].map(Math.exp))
      near.dispose()
      return found
    }
    // Two images at a time, then one, though even that is more than asked for.
    for (const atOnce of [9, 1]) scores(atOnce).forEach((share, i) => expect(share).toBeCloseTo(scores()[i]!, 5))
    tf.dispose([kept, queries])
  })

  it('refuses a state whose features and labels do not pair up', () => {
    const near = neighboursPart({ neighbours: 1, temperature: 1 })
    const features = points(0, 90)
    expect(() => near.restore({ features }, { labels: [0] })).toThrow(/do not pair up/)
    features.dispose()
  })
})
