import { createRng } from '@pilotjs/core/random'
import { selectEngine } from '@pilotjs/core/node'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { initialWeights, sinCosPositions } from './initial-weights'

describe('sinCosPositions', () => {
  it('gives every patch a row of length √(width / 2), nearer patches nearer rows, and the class token zeros', () => {
    const [grid, width] = [8, 32]
    const table = sinCosPositions(grid, width)
    const row = (x: number, y: number) => [...table.slice((1 + y * grid + x) * width, (2 + y * grid + x) * width)]
    const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0)
    expect(table.slice(0, width).every((value) => value === 0)).toBe(true)
    expect(dot(row(3, 4), row(3, 4))).toBeCloseTo(width / 2, 4)
    expect(dot(row(3, 4), row(3, 5))).toBeGreaterThan(dot(row(3, 4), row(3, 6)))
    expect(dot(row(3, 4), row(4, 4))).toBeCloseTo(dot(row(3, 4), row(3, 5)), 4)
    expect(() => sinCosPositions(8, 30)).toThrow('multiple of 4')
  })
})

describe('initialWeights', () => {
  it('starts with queries near keys and an output of minus the value', async () => {
    await selectEngine('cpu')
    const width = 32
    const config = { imageSize: 32, patchSize: 8, width, depth: 2, heads: 2 }
    const weights = initialWeights(config, createRng(1))
    const size = width * width
    const cosine = (a: Float32Array, b: Float32Array) => {
      const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, i) => sum + value * y[i]!, 0)
      return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
    }
    for (const block of [0, 1]) {
      const qkv = weights[`blocks.${block}.attn.qkv.weight`]!.dataSync() as Float32Array
      expect(cosine(qkv.slice(0, size), qkv.slice(size, 2 * size))).toBeGreaterThan(0.9)
      const output = tf.transpose(weights[`blocks.${block}.attn.proj.weight`]!).dataSync() as Float32Array
      expect(cosine(qkv.slice(2 * size), output)).toBeCloseTo(-1, 5)
    }
    expect(weights['blocks.0.mlp.fc1.weight']!.shape).toEqual([4 * width, width])
  })
})
