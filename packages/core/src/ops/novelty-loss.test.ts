import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { noveltyLoss } from './novelty-loss'

describe('noveltyLoss', () => {
  it('takes every old class for one', () => {
    const loss = (labels: number[]) =>
      tf.tidy(() => {
        const logits = tf.tensor2d([0, 1, 2, 3, 1, 0], [2, 3])
        return noveltyLoss(logits, tf.tensor1d(labels, 'int32'), 4).dataSync()[0]!
      })
    const negativeLog = (row: number[], at: number) =>
      Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0)) - row[at]!
    // Old classes are column 0; classes 4 and 5 are columns 1 and 2.
    expect(loss([3, 5])).toBeCloseTo((negativeLog([0, 1, 2], 0) + negativeLog([3, 1, 0], 2)) / 2, 5)
    expect(loss([4, 0])).toBeCloseTo((negativeLog([0, 1, 2], 1) + negativeLog([3, 1, 0], 0)) / 2, 5)
    expect(loss([3, 5])).toBe(loss([0, 5]))
  })
})
