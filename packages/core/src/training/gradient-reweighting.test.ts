import { readFileSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { crossEntropy } from '../ops/cross-entropy'
import { linear } from '../ops/linear'
import { oneHot } from '../ops/one-hot'
import { sample } from '../testing/finite-differences'
import { gradientReweighting, headGradient } from './gradient-reweighting'

/** Four steps of PILOT's DGR in its second task: head gradients of both losses (base64 of float32), and what the head took. */
interface Recorded {
  classes: number
  known: number
  width: number
  decay: number
  steps: Record<'learnedWeight' | 'learnedBias' | 'distilledWeight' | 'distilledBias' | 'weight' | 'bias', string>[]
}
const recorded = JSON.parse(
  readFileSync(new URL('../__fixtures__/dgr-a_perturbed-task1.json', import.meta.url), 'utf8'),
) as Recorded
const floats = (text: string) => new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer)
const rows = (text: string) => tf.tensor2d(floats(text), [floats(text).length / recorded.width, recorded.width])
const expectNear = (actual: tf.Tensor, expected: ArrayLike<number>) =>
  actual.dataSync().forEach((value, i) => {
    expect(Math.abs(value - expected[i]!), `number ${i}`).toBeLessThan(2e-6 * (1 + Math.abs(expected[i]!)))
  })

describe('headGradient', () => {
  it('is what differentiating finds', () => {
    tf.tidy(() => {
      const [features, weight, bias] = [
        sample([3, 4]) as Tensor2D,
        sample([2, 4], 2) as Tensor2D,
        sample([2], 3) as Tensor1D,
      ]
      const labels = tf.tensor1d([0, 1, 1], 'int32')
      const loss = (w: tf.Tensor, b: tf.Tensor): Scalar => crossEntropy(linear(features, w, b), labels)
      const expected = tf.grads((w, b) => loss(w!, b!))([weight, bias]) as [tf.Tensor, tf.Tensor]
      const byLogits: Tensor2D = tf.div(tf.sub(tf.softmax(linear(features, weight, bias)), oneHot(labels, 2)), 3)
      const found = headGradient(features, byLogits)
      expectNear(found.weight, expected[0].dataSync())
      expectNear(found.bias, expected[1].dataSync())
    })
  })
})

describe('gradientReweighting', () => {
  it('is what PILOT’s DGR makes of a head’s gradients, step after step', () => {
    const reweighting = gradientReweighting(recorded)
    for (const step of recorded.steps)
      tf.tidy(() => {
        const found = reweighting.apply(
          { weight: rows(step.learnedWeight), bias: tf.tensor1d(floats(step.learnedBias)) },
          { weight: rows(step.distilledWeight), bias: tf.tensor1d(floats(step.distilledBias)) },
        )
        expectNear(found.weight, floats(step.weight))
        expectNear(found.bias, floats(step.bias))
      })
    reweighting.dispose()
  })

  it('evens out rows where there are no old classes', () => {
    const reweighting = gradientReweighting({ classes: 2, known: 0 })
    tf.tidy(() => {
      const found = reweighting.apply({ weight: tf.tensor2d([3, 4, 0, 1], [2, 2]), bias: tf.tensor1d([5, 1]) })
      expectNear(found.weight, [0.6, 0.8, 0, 1])
      expectNear(found.bias, [1, 1])
      expectNear(reweighting.accumulated, [5, 1])
      // Sums of 5 + 0 and 1 + 4: both alike now.
      expectNear(
        reweighting.apply({ weight: tf.tensor2d([0, 0, 0, 4], [2, 2]), bias: tf.tensor1d([0, 4]) }).weight,
        [0, 0, 0, 4],
      )
    })
    reweighting.dispose()
  })

  it('leaves out a distillation that is rounding noise, and one of nothing', () => {
    const learned = { weight: tf.tensor2d([1, 0, 0, 1], [2, 2]), bias: tf.tensor1d([1, 1]) }
    for (const length of [1e-8, 0]) {
      const reweighting = gradientReweighting({ classes: 2, known: 1, decay: 0 })
      tf.tidy(() => {
        const noise = { weight: tf.tensor2d([length, length], [1, 2]), bias: tf.tensor1d([length]) }
        expectNear(reweighting.apply(learned, noise).weight, [1, 0, 0, 1])
      })
      reweighting.dispose()
    }
    tf.dispose(learned)
  })
})
