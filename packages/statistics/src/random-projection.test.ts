import { createRng } from '@pilotjs/core/random'
import { memory, slice, tensor2d } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { randomProjection } from './random-projection'

describe('randomProjection', () => {
  it('is relu(f W), the same for the same seed, whole or in columns', () => {
    const make = () => randomProjection({ width: 2, outputs: 5, rng: createRng(9) })
    const map = make()
    const [w] = Object.values(map.variables())
    const weights = w!.arraySync() as number[][]
    const features = tensor2d([[1, -2]])
    const expected = weights[0]!.map((value, j) => Math.max(0, value - 2 * weights[1]![j]!))
    map
      .apply(features)
      .dataSync()
      .forEach((value, j) => expect(value).toBeCloseTo(expected[j]!, 5))
    expect(make().variables().weight!.dataSync()).toEqual(w!.dataSync())
    expect(map.apply(features, { start: 2, count: 2 }).dataSync()).toEqual(
      slice(map.apply(features), [0, 2], [1, 2]).dataSync(),
    )
  })

  it('draws standard normal numbers', () => {
    const { variables } = randomProjection({ width: 50, outputs: 200, rng: createRng(1) })
    const values = variables().weight!.dataSync() as Float32Array
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
    expect(Math.abs(mean)).toBeLessThan(0.03)
    expect(Math.abs(variance - 1)).toBeLessThan(0.05)
  })

  it('takes its matrix from a state, and goes without trace', () => {
    const before = memory().numTensors
    const map = randomProjection({ width: 2, outputs: 2, rng: createRng(1) })
    const saved = tensor2d([
      [1, 0],
      [0, 1],
    ])
    map.restore({ weight: saved }, undefined)
    saved.dispose()
    expect([...map.variables().weight!.dataSync()]).toEqual([1, 0, 0, 1])
    map.dispose()
    expect(memory().numTensors).toBe(before)
  })
})
