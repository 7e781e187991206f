import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Batch } from '../contracts/images'
import { crossEntropy } from '../ops/cross-entropy'
import { linear } from '../ops/linear'
import { heldPart } from '../parts/part'
import { createRng } from '../random/rng'
import { points, recordingContext } from '../testing/points'
import { epochBatches } from './batches'
import { followWithDecay } from './moving-average'
import { renewed, renewedScalar } from './renewed'
import { constant, cosine, warmup } from './schedule'
import { type TrainOptions, type TrainStep, train } from './train'

const labels = Array.from({ length: 22 }, (_, i) => i % 2)
const schedules = { constant: constant(), cosine: cosine(), warmup: warmup({ epochs: 1.5 }, cosine({ per: 'step' })) }

interface Variant {
  optimizer?: 'sgd' | 'adam' | 'adamw'
  schedule?: keyof typeof schedules
  /** What the loss multiplies its inputs by. */
  noise?: 'none' | 'renewed' | 'drawn' | 'seldom'
  /** What weighs the loss. */
  weight?: 'none' | 'epoch' | 'step' | 'renewed' | 'positions' | 'source'
  clips?: boolean
  follows?: boolean
  epochs?: number
}

/** Trains 22 points in batches of 8, 8 and 6: how often the loss was called, and all numbers that came of it. */
async function trained(variant: Variant, changes: Partial<TrainOptions> = {}) {
  const { optimizer = 'sgd', schedule = 'constant', noise = 'none', weight = 'none', epochs = 5 } = variant
  const weights = tf.tidy(() => ({ weight: tf.variable(tf.zeros([2, 3])), bias: tf.variable(tf.zeros([2])) }))
  const slow = tf.tidy(() => ({ weight: tf.variable(tf.zeros([2, 3])), bias: tf.variable(tf.zeros([2])) }))
  const context = recordingContext()
  let calls = 0
  /** What batches of one's own may change from epoch to epoch. */
  let factor = 1
  const source = epochBatches(points(labels), { size: 8, shuffle: createRng(1) })
  const batches = (epoch: number) => {
    factor = 1 + Math.floor(epoch / 2)
    return source.batches(epoch)
  }
  const scaled = (x: Tensor2D, { training }: TrainStep): Tensor2D => {
    const draw = () => Float32Array.from({ length: x.size }, () => training.uniform())
    if (noise === 'renewed') return tf.mul(x, renewed(draw, x.shape))
    if (noise === 'drawn') return tf.mul(x, tf.tensor2d(draw(), x.shape))
    // alike for a few steps, and then not
    return noise === 'seldom' && training.uniform() < 0.2 ? tf.neg(x) : x
  }
  const weighed = (loss: Scalar, batch: Batch, step: TrainStep): Scalar => {
    if (weight === 'epoch') return tf.mul(loss, step.epoch + 1)
    if (weight === 'step') return tf.mul(loss, step.step < 2 ? 1 : 2)
    if (weight === 'renewed')
      return tf.mul(
        loss,
        renewedScalar(() => 1 + step.epoch + step.step),
      )
    if (weight === 'source') return tf.mul(loss, factor)
    if (weight === 'positions') return tf.mul(loss, batch.positions.includes(3) ? 2 : 1)
    return loss
  }
  await train({
    parts: [{ parts: [heldPart({ weight: weights.weight })], learningRate: 0.02 }, heldPart({ bias: weights.bias })],
    recipe: { epochs, batchSize: 8, learningRate: 0.1, weightDecay: 0.01, optimizer, schedule: schedules[schedule] },
    on: weight === 'source' ? { ...source, batches } : points(labels),
    context,
    loss(batch, step) {
      calls++
      const x = scaled(tf.reshape(batch.images, [-1, 3]), step)
      return weighed(crossEntropy(linear(x, weights.weight, weights.bias), batch.labels), batch, step)
    },
    ...(variant.clips && { clipNorm: 0.1 }),
    ...(variant.follows && { afterStep: () => followWithDecay(slow, weights, 0.9) }),
    ...changes,
  })
  const variables = [weights.weight, weights.bias, slow.weight, slow.bias]
  const losses = context.events.flatMap((event) => (event.kind === 'step' ? [event.loss] : []))
  const numbers = [...losses, ...variables.flatMap((variable) => [...variable.dataSync()])]
  tf.dispose(variables)
  return { numbers, calls }
}

/** Engines that cannot replay call the loss at every step. */
const called = (times: number, steps = 15) => ('replays' in tf.backend() ? times : steps)

describe('training steps that an engine replays', () => {
  it('give the same bits, whatever changes from step to step', async () => {
    const variants = fc.record({
      optimizer: fc.constantFrom('sgd' as const, 'adam' as const, 'adamw' as const),
      schedule: fc.constantFrom('constant' as const, 'cosine' as const, 'warmup' as const),
      noise: fc.constantFrom('none' as const, 'renewed' as const, 'drawn' as const, 'seldom' as const),
      weight: fc.constantFrom<Variant['weight'][]>('none', 'epoch', 'step', 'renewed', 'positions', 'source'),
      clips: fc.boolean(),
      follows: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(variants, async (variant) => {
        const before = tf.memory().numTensors
        const [replayed, taken] = [await trained(variant), await trained(variant, { replay: false })]
        expect(replayed.numbers).toEqual(taken.numbers)
        expect(taken.calls).toBe(15)
        expect(tf.memory().numTensors).toBe(before)
      }),
      { numRuns: 25, seed: 1 },
    )
  })

  it.each<[string, Variant, number]>([
    // of eight images: the first makes the momenta, two must agree; of six: two must
    ['with a constant rate', {}, 5],
    ['with another rate every step, and Adam’s corrections', { optimizer: 'adam', schedule: 'warmup' }, 5],
    ['with masks that are drawn anew', { noise: 'renewed', weight: 'renewed' }, 5],
    ['that look at the epoch only where that makes a difference', { weight: 'epoch' }, 15],
    ['that draw numbers otherwise, if only seldom', { noise: 'seldom' }, 15],
    ['that look at positions', { weight: 'positions' }, 15],
  ])('are recorded no more often than need be %s', async (_, variant, times) => {
    expect((await trained(variant)).calls).toBe(called(times))
  })

  it('are recorded once an epoch where something may happen between epochs', async () => {
    const afterEpoch = () => undefined
    expect((await trained({}, { afterEpoch })).calls).toBe(called(5 + 3 * 2))
    // Each second epoch does what the one before did.
    const own = await trained({ weight: 'source', epochs: 6 })
    expect(own.calls).toBe(called(3 * 3 + 3 * 2, 18))
  })

  it('are not replayed where something happens before each of them', async () => {
    expect((await trained({}, { beforeStep: () => undefined })).calls).toBe(15)
  })
})
