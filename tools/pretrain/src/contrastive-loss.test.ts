import { selectEngine } from '@pilotjs/core/node'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { contrastiveLoss } from './contrastive-loss'

interface Drawing {
  feature: number[]
  concept: number
}

const tensorsOf = (drawings: Drawing[]): { features: Tensor2D; labels: Tensor1D } => ({
  features: tf.tensor2d(drawings.map(({ feature }) => feature)),
  labels: tf.tensor1d(
    drawings.map(({ concept }) => concept),
    'int32',
  ),
})

const lossOf = (batch: Drawing[], temperature: number, memory?: Drawing[]) =>
  tf.tidy(() => {
    const { features, labels } = tensorsOf(batch)
    return contrastiveLoss(features, labels, temperature, memory && tensorsOf(memory)).loss.dataSync()[0]!
  })

/** The definition, drawing by drawing. */
function byHand(batch: Drawing[], temperature: number, memory: Drawing[] = []): number {
  const dot = (x: number[], y: number[]) => x.reduce((sum, value, i) => sum + value * y[i]!, 0)
  const cosine = (a: number[], b: number[]) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
  const all = [...batch, ...memory]
  const losses = batch.map((drawing, i) => {
    const weights = all.map((other, j) =>
      i === j || other.concept < 0 ? 0 : Math.exp(cosine(drawing.feature, other.feature) / temperature),
    )
    const sum = weights.reduce((total, weight) => total + weight, 0)
    const partners = all.flatMap((other, j) => (i !== j && other.concept === drawing.concept ? [j] : []))
    return partners.reduce((total, j) => total - Math.log(weights[j]! / sum), 0) / partners.length
  })
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length
}

describe('contrastiveLoss', () => {
  beforeAll(async () => {
    await selectEngine('cpu')
  })
  const drawing = (concept: number, ...feature: number[]): Drawing => ({ feature, concept })
  const batch = [drawing(4, 1, 0.2, 0), drawing(7, 0, 1, 0.3), drawing(4, 2, 0.1, 0.4), drawing(7, -0.2, 0.5, 0.1)]
  const memory = [drawing(2, 0.6, 0.8, 0), drawing(7, 0, 0.6, 0.8), drawing(-1, 0, 0, 0), drawing(4, 0, 0, 1)]

  it('is the mean over all drawings of minus the log of the softmax at their partners', () => {
    for (const temperature of [0.1, 0.5]) {
      expect(lossOf(batch, temperature)).toBeCloseTo(byHand(batch, temperature), 4)
      expect(lossOf(batch, temperature, memory)).toBeCloseTo(byHand(batch, temperature, memory), 4)
    }
  })

  it('is smaller the nearer partners and the farther strangers are, and heeds no lengths', () => {
    const [a, b] = [
      [1, 0, 0],
      [0, 1, 0],
    ]
    const of = (...features: number[][]) => features.map((feature, i) => ({ feature, concept: i % 2 }))
    expect(lossOf(of(a!, b!, a!, b!), 0.1)).toBeLessThan(0.001)
    expect(lossOf(of(a!, b!, b!, a!), 0.1)).toBeGreaterThan(5)
    const longer = batch.map(({ feature, concept }, i) => drawing(concept, ...feature.map((value) => value * (i + 1))))
    expect(lossOf(longer, 0.1)).toBeCloseTo(lossOf(batch, 0.1), 4)
  })

  it('has a gradient that draws partners together, those in the memory too', () => {
    const lossAt = (features: Tensor2D) =>
      contrastiveLoss(features, tensorsOf(batch).labels, 0.5, tensorsOf(memory)).loss
    const gradient = tf.tidy(() => tf.grad((x) => lossAt(x as Tensor2D))(tensorsOf(batch).features))
    const slopes = gradient.arraySync() as number[][]
    const moved = batch.map(({ feature, concept }, i) =>
      drawing(concept, ...feature.map((value, k) => value - 0.05 * slopes[i]![k]!)),
    )
    expect(lossOf(moved, 0.5, memory)).toBeLessThan(lossOf(batch, 0.5, memory))
    gradient.dispose()
  })
})
