import { selectEngine } from '@pilotjs/core/node'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { pairLoss } from './pair-loss'

const lossOf = (rows: number[][], temperature: number) =>
  tf.tidy(() => pairLoss(tf.tensor2d(rows), temperature).dataSync()[0]!)

/** The definition, drawing by drawing. */
function byHand(rows: number[][], temperature: number): number {
  const pairs = rows.length / 2
  const cosine = (a: number[], b: number[]) => {
    const dot = (x: number[], y: number[]) => x.reduce((sum, value, i) => sum + value * y[i]!, 0)
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
  }
  const losses = rows.map((row, i) => {
    const weights = rows.map((other, j) => (i === j ? 0 : Math.exp(cosine(row, other) / temperature)))
    return -Math.log(weights[(i + pairs) % rows.length]! / weights.reduce((sum, weight) => sum + weight, 0))
  })
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length
}

describe('pairLoss', () => {
  beforeAll(async () => {
    await selectEngine('cpu')
  })
  const rows = [
    [1, 0.2, 0],
    [0, 1, 0.3],
    [2, 0.1, 0.4],
    [-0.2, 0.5, 0.1],
  ]

  it('is the mean over all drawings of minus the log of the softmax at the partner', () => {
    for (const temperature of [0.1, 0.5]) expect(lossOf(rows, temperature)).toBeCloseTo(byHand(rows, temperature), 4)
  })

  it('is smaller the nearer partners and the farther strangers are, and heeds no lengths', () => {
    const [a, b] = [
      [1, 0, 0],
      [0, 1, 0],
    ]
    expect(lossOf([a, b, a, b], 0.1)).toBeLessThan(0.001)
    expect(lossOf([a, b, b, a], 0.1)).toBeGreaterThan(5)
    expect(
      lossOf(
        rows.map((row, i) => row.map((value) => value * (i + 1))),
        0.1,
      ),
    ).toBeCloseTo(lossOf(rows, 0.1), 4)
  })

  it('has a gradient that draws partners together', () => {
    const gradient = tf.tidy(() => tf.grad((x) => pairLoss(x as Tensor2D, 0.5))(tf.tensor2d(rows)))
    const moved = rows.map((row, i) =>
      row.map((value, k) => value - 0.05 * (gradient.arraySync() as number[][])[i]![k]!),
    )
    expect(lossOf(moved, 0.5)).toBeLessThan(lossOf(rows, 0.5))
    gradient.dispose()
  })
})
