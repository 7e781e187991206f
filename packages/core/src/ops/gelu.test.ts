import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { expectGradients, numbers, sample } from '../testing/finite-differences'
import { gelu } from './gelu'

describe('gelu', () => {
  it('is x·Φ(x), not the tanh approximation', () => {
    // Φ(1) = 0.841344746, Φ(2) = 0.977249868; the approximation gives 0.841192 and 1.954598.
    const [minus, zero, one, two] = numbers(gelu(tf.tensor1d([-1, 0, 1, 2])))
    expect(zero).toBe(0)
    expect(minus).toBeCloseTo(-0.158655254, 6)
    expect(one).toBeCloseTo(0.841344746, 6)
    expect(two).toBeCloseTo(1.954499736, 6)
  })

  it('has the gradient of its formula', () => {
    expectGradients(({ x }) => gelu(x!), { x: sample([3, 5], 1, 2) })
  })
})
