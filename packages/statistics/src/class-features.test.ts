import { createRng } from '@pilotjs/core/random'
import { variableStore } from '@pilotjs/core/parameters'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { classFeatures } from './class-features'
import { identityMap } from './feature-map'
import { ridgeStatistics } from './ridge-statistics'

const width = 4
const labels = [0, 1, 2, 1, 0, 2, 2, 1]
const values = createRng(1).normals(labels.length * width, 0, 1)
const rowsOf = (wanted: (label: number) => boolean) => {
  const places = labels.flatMap((label, i) => (wanted(label) ? [i] : []))
  const own = places.flatMap((place) => [...values.subarray(place * width, (place + 1) * width)])
  return tf.tensor2d(own, [places.length, width])
}

/** Weights of ridge regression on these images, by label. */
async function weightsOf(given: readonly number[], renamed: (label: number) => number): Promise<number[]> {
  const statistics = ridgeStatistics({ map: identityMap(width), classes: 1 })
  const rows = rowsOf((label) => given.includes(label))
  statistics.add(rows, labels.filter((label) => given.includes(label)).map(renamed))
  const weights = await statistics.solve(1)
  const numbers = Array.from(await weights.data())
  tf.dispose([rows, weights])
  statistics.dispose()
  return numbers
}

describe('classFeatures', () => {
  it('keeps rows by class, takes classes out and makes two one, and leaves no tensor behind', async () => {
    const before = tf.memory().numTensors
    const store = variableStore()
    const kept = classFeatures(store, 'features')
    const rows = rowsOf(() => true)
    kept.add(rows, labels)
    kept.add(rows, labels)
    expect(kept.of(2).shape).toEqual([6, width])
    const last = Array.from(await kept.of(2).data())
    kept.remove(1)
    expect(Array.from(await kept.of(1).data())).toEqual(last)
    expect(() => kept.of(2)).toThrow('no features of class 2')
    kept.merge(0, 1)
    expect(kept.of(0).shape).toEqual([10, width])
    store.dispose()
    rows.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })
})

describe('ridge statistics', () => {
  it('without a class are those that never had it; of two made one, those of one', async () => {
    const before = tf.memory().numTensors
    const statistics = ridgeStatistics({ map: identityMap(width), classes: 1, removable: true })
    const all = rowsOf(() => true)
    statistics.add(all, labels)
    statistics.merge(0, 2)
    const solved = async () => {
      const weights = await statistics.solve(1)
      const numbers = Array.from(await weights.data())
      weights.dispose()
      return numbers
    }
    const near = async (wanted: Promise<number[]>) => {
      const expected = await wanted
      const found = await solved()
      expect(found).toHaveLength(expected.length)
      found.forEach((number, i) => expect(number).toBeCloseTo(expected[i]!, 5))
    }
    await near(weightsOf([0, 1, 2], (label) => (label === 2 ? 0 : label)))
    const copy = ridgeStatistics({ map: identityMap(width), classes: 1, removable: true })
    copy.restore(statistics.variables(), statistics.json!())
    for (const each of [statistics, copy]) each.remove(1)
    await near(weightsOf([0, 2], () => 0))
    expect([statistics.images, statistics.classes]).toEqual([5, 1])
    expect(await copy.variables().gram!.data()).toEqual(await statistics.variables().gram!.data())
    for (const each of [statistics, copy]) each.dispose()
    all.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })
})
