import { createRng } from '@pilotjs/core/random'
import { memory, tensor2d } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { deviation } from './__fixtures__/floats'
import { classMixtures } from './class-mixtures'

/** By the sign of the first number. */
const bySign = (rows: number[][]) => rows.map(([first]) => (first! < 0 ? 0 : 1))
const features = tensor2d([
  [-1, 2],
  [-3, 6],
  [4, 0],
  [1, 1],
  [5, 5],
])
const labels = [0, 0, 0, 1, 1]
const make = () => classMixtures({ width: 2, clusters: 2, partition: bySign, regularization: 1 })

describe('classMixtures', () => {
  it('keeps mean and variance of every group, and draws from those with a spread', async () => {
    const mixtures = make()
    await mixtures.learn(features, labels, [0, 1])
    const values = Object.fromEntries(
      Object.entries(mixtures.variables()).map(([name, own]) => [name, Array.from(own.dataSync())]),
    )
    expect(values).toEqual({
      'mean.0.0': [-2, 4],
      'variance.0.0': [1, 4],
      'mean.0.1': [4, 0],
      'variance.0.1': [0, 0],
      'mean.1.1': [3, 3],
      'variance.1.1': [4, 4],
    })
    const sources = await mixtures.sources()
    expect(sources.map(({ label }) => label)).toEqual([0, 1])
    const drawn = sources[0]!.draw(20_000, createRng(1))
    const columns = [0, 1].map((column) => Array.from(drawn.dataSync()).filter((_, i) => i % 2 === column))
    const means = columns.map((column) => column.reduce((sum, x) => sum + x, 0) / column.length)
    const variances = columns.map(
      (column, i) => column.reduce((sum, x) => sum + (x - means[i]!) ** 2, 0) / column.length,
    )
    expect(deviation(means, [-2, 4])).toBeLessThan(0.03)
    expect(deviation(variances, [2, 5])).toBeLessThan(0.05)
    drawn.dispose()
    mixtures.dispose()
  })

  it('comes back from its state, and leaves nothing behind', async () => {
    const before = memory().numTensors
    const mixtures = make()
    await mixtures.learn(features, labels, [0, 1])
    const restored = make()
    restored.restore(mixtures.variables(), undefined)
    expect(await restored.sources()).toHaveLength(2)
    mixtures.dispose()
    restored.dispose()
    expect(memory().numTensors).toBe(before)
  })

  it('names a class without images', async () => {
    await expect(make().learn(features, labels, [7])).rejects.toThrow(/no image of class 7/)
  })
})
