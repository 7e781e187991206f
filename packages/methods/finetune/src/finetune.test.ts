import * as tf from '@tensorflow/tfjs-core'
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import { type Task, arrayImages, createContext, createRng, createVit, initVit } from '@pilotjs/core'
import { afterAll, describe, expect, it } from 'vitest'
import { readCase } from '../../../../tools/parity/src/golden-case'
import { fixtures } from '../../../../tools/parity/src/default-golden'
import { replayCase } from '../../../../tools/parity/src/replay-case'
import { finetune } from './finetune'

const vit = { imageSize: 8, patchSize: 4, width: 8, depth: 1, heads: 2 }
// Ten times the usual deviation: as if pre-trained, features differ from image to image.
const weights = tf.tidy(() =>
  Object.fromEntries(
    Object.entries(initVit(vit, createRng(1))).map(([name, tensor]) => [
      name,
      tensor.rank > 1 ? tf.mul(tensor, 10) : tensor,
    ]),
  ),
)
const backbone = createVit(vit, weights)
afterAll(() => backbone.dispose())

/** Every class has a pattern of its own. */
const images = (labels: number[], name = 'image') => {
  const values = labels.flatMap((label) => Array.from(createRng(label).normals(192, 0, 1)))
  return arrayImages({ labels, name, size: [8, 8], values: Float32Array.from(values) })
}
const task = (index: number, classes: number[], classesBefore: number): Task => ({
  index,
  classes,
  classesBefore,
  classesAfter: Math.max(classesBefore, ...classes.map((label) => label + 1)),
  train: images(
    Array.from({ length: 12 }, (_, i) => classes[i % classes.length]!),
    `task${index}`,
  ),
})
const tasks = [task(0, [0, 1], 0), task(1, [2, 3], 2)]

const options = finetune.options.parse({
  batchSize: 4,
  baseEpochs: 8,
  epochs: 8,
  baseLearningRate: 0.1,
  learningRate: 0.1,
})
const make = () =>
  finetune.create({
    backbone,
    options,
    rng: createRng(3),
    plan: { totalClasses: 4, baseClasses: 2, increment: 2 },
  })

/** The best class from `first` on. */
async function predict(learner: ReturnType<typeof make>, labels: number[], first = 0): Promise<number[]> {
  for await (const batch of images(labels).batches({ size: labels.length, view: 'eval' })) {
    const scores = await learner.score(batch.images as Tensor4D)
    const winners = tf
      .tidy(() => Array.from(tf.argMax(tf.slice(scores as Tensor2D, [0, first]), 1).dataSync()))
      .map((winner) => winner + first)
    tf.dispose([scores])
    batch.dispose()
    return winners
  }
  return []
}

describe('finetune', () => {
  it('follows what PILOT recorded, number for number', async () => {
    const report = await replayCase(readCase(fixtures, 'finetune/a_sched'), [finetune])
    expect(report.departures).toEqual([])
    expect(report.passed).toBe(true)
  })

  it("has PILOT's defaults", () => {
    expect(finetune.options.parse({})).toMatchObject({
      batchSize: 128,
      baseEpochs: 20,
      baseWeightDecay: 5e-4,
      epochs: 20,
      learningRate: 1e-3,
      milestones: [40, 70],
      weightDecay: 2e-4,
    })
    expect(finetune.options.safeParse({ epochs: -1 }).success).toBe(false)
  })

  it('learns to tell the classes of a task from each other, and leaves no tensor behind', async () => {
    const before = tf.memory().numTensors
    const learner = make()
    const context = createContext({ seed: 5 })
    await learner.learn(tasks[0]!, context(tasks[0]!))
    expect(await predict(learner, [0, 1, 1, 0])).toEqual([0, 1, 1, 0])
    await learner.learn(tasks[1]!, context(tasks[1]!))
    expect(await predict(learner, [2, 3, 3, 2], 2)).toEqual([2, 3, 3, 2])
    learner.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('goes on from a saved state bit for bit', async () => {
    const [whole, resumed] = [make(), make()]
    await whole.learn(tasks[0]!, createContext({ seed: 5 })(tasks[0]!))
    resumed.restore(whole.state())
    for (const learner of [whole, resumed]) await learner.learn(tasks[1]!, createContext({ seed: 5 })(tasks[1]!))
    for (const [name, tensor] of Object.entries(whole.state().tensors)) {
      expect(resumed.state().tensors[name]!.dataSync(), name).toEqual(tensor.dataSync())
    }
    whole.dispose()
    resumed.dispose()
  })

  it('trains on classes that come back in another domain', async () => {
    const learner = make()
    const context = createContext({ seed: 5 })
    const again = task(1, [1, 0], 2)
    await learner.learn(tasks[0]!, context(tasks[0]!))
    const rows = () => Array.from(learner.state().tensors['fc.bias']!.dataSync())
    const old = rows()
    await learner.learn(again, context(again))
    expect(rows()).toHaveLength(2)
    rows().forEach((bias, label) => expect(bias).not.toBe(old[label]))
    learner.dispose()
  })
})
