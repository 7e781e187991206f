import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mergedWeights, momentumMerge } from './momentum-merge'

describe('momentumMerge', () => {
  it('is the step towards the mean, taken as often as said', () => {
    const small = fc.double({ min: -5, max: 5, noNaN: true })
    fc.assert(
      fc.property(
        small,
        small,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat({ max: 12 }),
        (start, mean, m, times) => {
          let expected = start
          for (let i = 0; i < times; i++) expected = (1 - m) * expected + m * mean
          tf.tidy(() => {
            const merged = momentumMerge(tf.scalar(start), tf.scalar(mean), m, times).dataSync()[0]!
            expect(Math.abs(merged - expected)).toBeLessThan(1e-5)
          })
        },
      ),
    )
  })

  it('goes through weights by name', () => {
    tf.tidy(() => {
      const merged = mergedWeights({ a: tf.scalar(2), b: tf.scalar(4) }, { b: tf.scalar(0), a: tf.scalar(1) }, 0.5)
      expect([merged.a!.dataSync()[0], merged.b!.dataSync()[0]]).toEqual([1.5, 2])
    })
  })
})
