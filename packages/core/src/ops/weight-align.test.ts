import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { numbers } from '../testing/finite-differences'
import { alignNewRows } from './weight-align'

describe('alignNewRows', () => {
  it('gives new rows the mean length of old ones, or a share of it', () => {
    const weight = tf.tensor2d([3, 4, 0, 15, 1, 0, 0, 3], [4, 2])
    // Old lengths 5 and 15, new ones 1 and 3: a factor of 5.
    expect(numbers(alignNewRows(weight, 2))).toEqual([3, 4, 0, 15, 5, 0, 0, 15])
    expect(numbers(alignNewRows(weight, 2, 0.5))).toEqual([3, 4, 0, 15, 2.5, 0, 0, 7.5])
  })

  it('wants old classes and new ones', () => {
    expect(() => alignNewRows(tf.ones([2, 2]), 0)).toThrow(/of 2 classes 0 are old/)
    expect(() => alignNewRows(tf.ones([2, 2]), 2)).toThrow(/of 2 classes 2 are old/)
  })
})
