import { createRng } from '@pilotjs/core/random'
import { add, eye, matMul, mul, square, sum, tensor2d } from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core'
import { expect, it } from 'vitest'
import { traceDeviation, traceProbes } from './trace-probes'

const number = (tensor: Tensor): number => tensor.dataSync()[0]!
const estimate = (matrix: Tensor2D): number => {
  const probes = traceProbes(matrix.shape[0])()
  return number(sum(mul(probes, matMul(matrix, probes))))
}
const symmetric = (size: number, seed: number): Tensor2D => {
  const drawn = tensor2d(createRng(seed).normals(size * size, 0, 1), [size, size])
  return add<Tensor2D>(drawn, matMul(eye(size), drawn, false, true))
}

it('sees the identity, and all of a small matrix, exactly', () => {
  expect(estimate(eye(300))).toBeCloseTo(300, 3)
  const small = symmetric(40, 1)
  expect(estimate(small)).toBeCloseTo(number(sum(mul(small, eye(40)))), 3)
  expect(traceDeviation(40, number(sum(square(small))))).toBe(0)
})

it('strays by the deviation that it says', () => {
  const deviations = Array.from({ length: 60 }, (_, seed) => {
    const matrix = symmetric(100, seed)
    const trace = number(sum(mul(matrix, eye(100))))
    return (estimate(matrix) - trace) / traceDeviation(100, number(sum(square(matrix))))
  })
  const variance = deviations.reduce((total, deviation) => total + deviation ** 2, 0) / deviations.length
  // Of 60 draws: between the 0.1 % and 99.9 % points of χ²/60, and the bound counts the diagonal besides.
  expect(variance).toBeGreaterThan(0.5)
  expect(variance).toBeLessThan(1.6)
})
