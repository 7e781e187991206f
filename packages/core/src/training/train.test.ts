import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core'
import { describe, expect, it, vi } from 'vitest'
import type { Batch } from '../contracts/images'
import type { NamedVariables } from '../contracts/tensors'
import { heldPart } from '../parts/part'
import { linear } from '../ops/linear'
import { crossEntropy } from '../ops/cross-entropy'
import { createRng } from '../random/rng'
import { points, recordingContext } from '../testing/points'
import { adam } from './adam'
import { epochBatches } from './batches'
import type { Optimizer } from './optimizer'
import type { OptimizerKind } from './optimizers'
import type { Recipe } from './recipe'
import { cosine } from './schedule'
import { sgd } from './sgd'
import { type TrainOptions, train } from './train'

const labels = Array.from({ length: 22 }, (_, i) => i % 2)
const makeWeights = () => tf.tidy(() => ({ weight: tf.variable(tf.zeros([2, 3])), bias: tf.variable(tf.zeros([2])) }))

const recipe: Recipe = { epochs: 3, batchSize: 8, learningRate: 0.5 }
/** An optimizer of one's own, whose state is at hand. */
const kindOf = (optimizer: Optimizer): OptimizerKind => ({ name: 'own', description: '', create: () => optimizer })

function setUp(changes: Partial<TrainOptions> = {}, changedRecipe: Partial<Recipe> = {}) {
  const weights = makeWeights()
  const context = recordingContext()
  const loss = ({ images, labels }: Batch) =>
    crossEntropy(linear(tf.reshape(images, [-1, 3]) as Tensor2D, weights.weight, weights.bias), labels)
  const options: TrainOptions = {
    parts: [heldPart(weights)],
    loss,
    recipe: { ...recipe, ...changedRecipe },
    on: points(labels),
    context,
    ...changes,
  }
  const steps = () => context.events.filter((event) => event.kind === 'step')
  return { weights, context, options, steps, dispose: () => tf.dispose(weights as NamedVariables as never) }
}

describe('train', () => {
  it('learns, tells the phase and every step, and leaves no tensor behind', async () => {
    const before = tf.memory().numTensors
    const { options, context, steps, weights, dispose } = setUp({ phase: 'first' }, { schedule: cosine() })
    await train(options)
    expect(context.events[0]).toEqual({
      kind: 'phase',
      phase: 'first',
      epochs: 3,
      stepsPerEpoch: 3,
      trainableParameters: 8,
    })
    expect(steps().map(({ epoch, step }) => `${epoch}.${step}`)).toEqual([
      '0.0',
      '0.1',
      '0.2',
      '1.0',
      '1.1',
      '1.2',
      '2.0',
      '2.1',
      '2.2',
    ])
    expect(steps()[0]!.loss).toBeCloseTo(Math.LN2, 5)
    expect(steps()[3]!.learningRate).toBeCloseTo(0.5 * 0.75, 10)
    expect(steps().at(-1)!.loss).toBeLessThan(0.4)
    expect(weights.weight.dataSync()[3]).toBeGreaterThan(0.1)
    dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('is bit-identical when repeated, and each epoch shuffles anew', async () => {
    const losses = async () => {
      const { options, steps, dispose } = setUp()
      await train(options)
      dispose()
      return steps().map(({ loss }) => loss)
    }
    expect(await losses()).toEqual(await losses())
    const { batches } = epochBatches(points(labels), { size: 22, shuffle: createRng(2) })
    const order = async (epoch: number) => {
      for await (const batch of batches(epoch)) {
        batch.dispose()
        return Array.from(batch.positions)
      }
    }
    expect(await order(0)).not.toEqual(await order(1))
    expect(await order(1)).toEqual(await order(1))
  })

  it('goes on from an epoch and step with a saved optimizer', async () => {
    const whole = setUp({}, { optimizer: kindOf(adam({ learningRate: 0.1 })), learningRate: 0.1 })
    await train(whole.options)

    const optimizer = adam({ learningRate: 0.1 })
    const half = setUp({}, { optimizer: kindOf(optimizer), learningRate: 0.1 })
    const saved: Record<string, Float32Array> = {}
    let state = optimizer.state()
    const stop = new AbortController()
    await expect(
      train({
        ...half.options,
        afterStep({ epoch, step }) {
          if (epoch !== 1 || step !== 1) return
          const { tensors, json } = optimizer.state()
          state = {
            json,
            tensors: Object.fromEntries(Object.entries(tensors).map(([k, v]) => [k, tf.keep(tf.clone(v))])),
          }
          for (const [name, variable] of Object.entries(half.weights)) saved[name] = variable.dataSync() as Float32Array
          stop.abort(new Error('enough'))
        },
        context: { ...half.context, signal: stop.signal },
      }),
    ).rejects.toThrow('enough')

    const resumed = adam({ learningRate: 0.1 })
    resumed.restore(state)
    const rest = setUp({ start: { epoch: 1, step: 2 } }, { optimizer: kindOf(resumed), learningRate: 0.1 })
    tf.tidy(() => {
      for (const [name, variable] of Object.entries(rest.weights)) {
        variable.assign(tf.tensor(saved[name]!, variable.shape))
      }
    })
    await train(rest.options)
    expect(rest.steps().map(({ loss }) => loss)).toEqual(
      whole
        .steps()
        .slice(5)
        .map(({ loss }) => loss),
    )
    tf.dispose(state.tensors as never)
    for (const { dispose } of [whole, half, rest]) dispose()
  })

  it('announces the phase before the first step: what trains may then be overwritten', async () => {
    const { options, context, steps, weights, dispose } = setUp({}, { epochs: 1 })
    await train({
      ...options,
      context: {
        ...context,
        report(event) {
          context.report(event)
          if (event.kind === 'phase') tf.tidy(() => weights.weight.assign(tf.tensor2d([0, 0, 0, 9, 0, 0], [2, 3])))
        },
      },
    })
    expect(steps()[0]!.loss).not.toBeCloseTo(Math.LN2, 2)
    dispose()
  })

  it('gives groups their own rate and decay', async () => {
    const { options, weights, dispose } = setUp({}, { epochs: 1 })
    await train({
      ...options,
      parts: [{ parts: [heldPart({ weight: weights.weight })], learningRate: 0 }, heldPart({ bias: weights.bias })],
    })
    expect(Array.from(weights.weight.dataSync()).every((value) => value === 0)).toBe(true)
    expect(Array.from(weights.bias.dataSync()).some((value) => value !== 0)).toBe(true)
    dispose()
  })

  it('waits, before a step, for what the loss compares with, and sees what the last step left', async () => {
    const told: string[] = []
    const seen: number[] = []
    const { weights, options, dispose } = setUp({
      async beforeStep({ epoch, step }) {
        told.push(`before ${epoch}.${step}`)
        seen.push((await weights.weight.data())[0]!)
      },
      afterStep: ({ epoch, step }) => told.push(`after ${epoch}.${step}`),
    })
    await train(options)
    const steps = [0, 1, 2].flatMap((epoch) => [0, 1, 2].map((step) => `${epoch}.${step}`))
    expect(told).toEqual(steps.flatMap((step) => [`before ${step}`, `after ${step}`]))
    expect(seen[0]).toBe(0)
    expect(new Set(seen).size).toBe(seen.length)
    dispose()
  })

  it('lets gradients be adjusted and clipped, and parameters be changed after a step', async () => {
    const { options, weights, dispose } = setUp(
      {},
      { epochs: 1, learningRate: 1, optimizer: kindOf(sgd({ learningRate: 1 })) },
    )
    const norms: number[] = []
    let last = [0, 0, 0, 0, 0, 0]
    await train({
      ...options,
      clipNorm: 0.01,
      adjust: (gradients) => ({ '0.weight': tf.mul(gradients['0.weight']!, 1000) }),
      afterStep() {
        const now = Array.from(weights.weight.dataSync())
        norms.push(Math.hypot(...now.map((value, i) => value - last[i]!)))
        last = now
      },
    })
    for (const norm of norms) expect(norm).toBeCloseTo(0.01, 5)
    expect(norms).toHaveLength(3)
    expect(Array.from(weights.bias.dataSync())).toEqual([0, 0])
    dispose()
  })

  it('says where a loss stopped being a number', async () => {
    const before = tf.memory().numTensors
    const { options, weights, dispose } = setUp({
      phase: 'first',
      loss: (_, { epoch, step }): Scalar =>
        tf.mul(tf.sum(weights.weight), epoch === 1 && step === 1 ? NaN : 0) as Scalar,
    })
    await expect(train(options)).rejects.toThrow(
      /Training 'first' gave a loss of NaN at epoch 1, step 1 .*learning rate 0\.5.*lower the learning rate/,
    )
    dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('stops at the next step when aborted', async () => {
    const before = tf.memory().numTensors
    const stop = new AbortController()
    const { options, context, steps, dispose } = setUp()
    const aborted = train({
      ...options,
      context: { ...context, signal: stop.signal },
      afterStep: ({ step }) => step === 1 && stop.abort(new Error('stop now')),
    } as TrainOptions)
    await expect(aborted).rejects.toThrow('stop now')
    expect(steps().length).toBeLessThanOrEqual(2)
    dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('gives others a turn before what would keep the thread for too long', async () => {
    const { options, dispose } = setUp()
    // A clock on which a step takes so many milliseconds.
    const turnsAt = async (stepMs: number) => {
      let now = 0
      const clock = vi.spyOn(performance, 'now').mockImplementation(() => now)
      const turns = vi.spyOn(globalThis, 'setTimeout')
      const loss: TrainOptions['loss'] = (...given) => {
        now += stepMs
        return options.loss(...given)
      }
      await train({ ...options, loss, replay: false })
      const count = turns.mock.calls.length
      clock.mockRestore()
      turns.mockRestore()
      return count
    }
    // of nine steps: none in a row, two, four
    expect([await turnsAt(30), await turnsAt(20), await turnsAt(11)]).toEqual([9, 4, 2])
    dispose()
  })

  it('works without a context, and draws the same numbers each time', async () => {
    const seen: number[] = []
    const { options, weights, dispose } = setUp({
      context: undefined,
      loss(_, { training }) {
        seen.push(training.uniform())
        return tf.mul(tf.sum(weights.weight), 0) as Scalar
      },
    })
    const twice = { ...options, recipe: { ...options.recipe, epochs: 1 } }
    await train(twice)
    await train(twice)
    expect(seen).toHaveLength(6)
    expect(seen.slice(3)).toEqual(seen.slice(0, 3))
    dispose()
  })

  it('refuses to train nothing, or on nothing', async () => {
    const { options, dispose } = setUp()
    await expect(train({ ...options, parts: [] })).rejects.toThrow("Training 'train': there are no parameters")
    const none = epochBatches(points([0, 1]), { size: 8, dropLast: true })
    await expect(train({ ...options, on: none })).rejects.toThrow(/got no batch in epoch 0.*dropLast/)
    dispose()
  })
})
