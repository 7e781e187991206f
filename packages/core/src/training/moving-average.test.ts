import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { followWithDecay } from './moving-average'

const variable = (values: number[]) => tf.variable(tf.tensor1d(values))

describe('followWithDecay', () => {
  it('is an exponential moving average', () => {
    const [average, value] = [variable([0, 10]), variable([1, 1])]
    for (let step = 0; step < 2; step++) tf.tidy(() => followWithDecay({ a: average }, { b: average, a: value }, 0.5))
    expect(Array.from(average.dataSync())).toEqual([0.75, 3.25])
    tf.dispose([average, value])
  })

  it('says what does not fit', () => {
    const [one, two] = [variable([1]), variable([1, 2])]
    expect(() => followWithDecay({ a: one }, {}, 0.5)).toThrow(/the average of 'a' has nothing to follow/)
    expect(() => followWithDecay({ a: one }, { a: two }, 0.5)).toThrow(/'a' \[1\] cannot follow a value \[2\]/)
    tf.dispose([one, two])
  })
})
