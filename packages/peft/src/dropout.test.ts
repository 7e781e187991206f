import { createRng } from '@pilotjs/core/random'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { dropout } from './dropout'

describe('dropout', () => {
  it('drops about the rate, keeps the mean, and repeats with its seed', () => {
    tf.tidy(() => {
      const x = tf.ones([100, 100])
      const kept = dropout(x, 0.1, createRng(1))
      const values = Array.from(kept.dataSync())
      const zeros = values.filter((value) => value === 0).length
      expect(zeros).toBeGreaterThan(850)
      expect(zeros).toBeLessThan(1150)
      expect(new Set(values.map((value) => value.toFixed(5)))).toEqual(new Set(['0.00000', (1 / 0.9).toFixed(5)]))
      expect(Array.from(dropout(x, 0.1, createRng(1)).dataSync())).toEqual(values)
      expect(dropout(x, 0, createRng(1))).toBe(x)
      expect(() => dropout(x, 1, createRng(1))).toThrow(/rate must be in/)
    })
  })
})
