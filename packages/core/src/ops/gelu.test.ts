import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { expectGradients, numbers, sample } from '../testing/finite-differences'
import { gelu, geluTanh, quickGelu } from './gelu'

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

describe('its approximations', () => {
  it('are those of their formulas', () => {
    // torch 2: gelu(x, approximate='tanh') of 1 and 2; x·sigmoid(1.702x) of 1 and −1.
    const [one, two] = numbers(geluTanh(tf.tensor1d([1, 2])))
    expect(one).toBeCloseTo(0.841191990608, 6)
    expect(two).toBeCloseTo(1.954597694088, 6)
    const [plus, minus] = numbers(quickGelu(tf.tensor1d([1, -1])))
    expect(plus).toBeCloseTo(1 / (1 + Math.exp(-1.702)), 6)
    expect(minus).toBeCloseTo(-1 / (1 + Math.exp(1.702)), 6)
  })

  it('have the gradients of their formulas', () => {
    expectGradients(({ x }) => geluTanh(x!), { x: sample([3, 5], 1, 2) })
    expectGradients(({ x }) => quickGelu(x!), { x: sample([3, 5], 1, 2) })
  })
})
