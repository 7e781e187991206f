import { memory, tensor2d } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { transportPlan } from './transport-plan'

async function planOf(from: number[][], to: number[][], options: Parameters<typeof transportPlan>[2]) {
  const tensors = [tensor2d(from), tensor2d(to)] as const
  const plan = await transportPlan(...tensors, options)
  const values = await plan.array()
  for (const tensor of [...tensors, plan]) tensor.dispose()
  return values
}

describe('transportPlan', () => {
  const corners = [
    [0, 0],
    [4, 0],
    [0, 3],
  ]

  it('moves rows onto the nearest, half of the mass each where there are two', async () => {
    const before = memory().numTensors
    const plan = await planOf(corners.slice(0, 2), [corners[1]!, corners[0]!], { regularization: 0.1, power: 2 })
    expect(plan.flat().map((value) => Number(value.toFixed(6)))).toEqual([0, 0.5, 0.5, 0])
    expect(memory().numTensors).toBe(before)
  })

  it('shares the mass evenly on both sides, however many there are', async () => {
    const plan = await planOf(corners, corners.slice(0, 1), { regularization: 1, power: 2 })
    plan.flat().forEach((value) => expect(value).toBeCloseTo(1 / 3, 6))
  })

  it('ends where POT finds no number: costs too large for its regularization', async () => {
    const far = corners.map((row) => row.map((value) => value + 100))
    const stable = await planOf(corners, far, { regularization: 0.02, power: 2 })
    expect(stable.flat().reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5)
    const asPot = await planOf(corners, far, { regularization: 0.02, power: 2, eachMass: 3 })
    expect(asPot.flat().every((value) => value === 0)).toBe(true)
  })
})
