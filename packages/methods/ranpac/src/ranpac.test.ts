import { createContext } from '@pilotjs/core'
import { readPilotConfig } from '@pilotjs/core/pilot-config'
import type { ProgressEvent } from '@pilotjs/core'
import {
  keepsTheContract,
  learnTasks,
  patternImages,
  patternTask,
  pilotConfig,
  scoresOf,
  tinyBackbone,
} from '@pilotjs/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { ranpac } from './ranpac'

const quick = { epochs: 1, batchSize: 10, bottleneck: 2, projectionSize: 64 }

/** Scores of the first task's images after two tasks, and the weights that give them. */
async function scoresWith(
  options: Parameters<typeof ranpac>[0],
): Promise<{ scores: number[]; cosines: number[]; shape: number[] }> {
  const backbone = tinyBackbone()
  const plan = { totalClasses: 4, baseClasses: 2, increment: 2 }
  const learner = ranpac({ ...quick, ...options }).create({ backbone, seed: 1, plan })
  const tasks = [patternTask(0, [0, 1]), patternTask(1, [2, 3])]
  await learnTasks(learner, tasks, { seed: 1 })
  const { extractor } = learner
  const { tensors } = learner.state()
  const result = { scores: [] as number[], cosines: [] as number[], shape: tensors['head.weight']!.shape }
  for await (const batch of tasks[0]!.train.batches({ size: 5, view: 'eval' })) {
    tf.tidy(() => {
      const features = extractor.apply(batch.images)
      const projection = tensors['projection.0.weight'] as tf.Tensor2D | undefined
      const lifted = projection ? tf.relu(tf.matMul(features, projection)) : features
      const weights = tensors['head.weight'] as tf.Tensor2D
      const products = tf.matMul(lifted, weights, false, true)
      const lengths = tf.mul(tf.norm(lifted, 2, 1, true), tf.transpose(tf.norm(weights, 2, 1, true)))
      result.cosines.push(...tf.mul(tf.div(products, lengths), tensors['head.sigma']!).dataSync())
    })
    const scores = learner.score(batch.images)
    result.scores.push(...(await scores.data()))
    scores.dispose()
    batch.dispose()
  }
  learner.dispose()
  backbone.dispose()
  return result
}

describe('ranpac', () => {
  keepsTheContract(ranpac, { ...quick, epochs: 2, batchSize: 5, bottleneck: 4, removable: true })

  it('regresses onto the classes: 1 for an image’s own, 0 for the others, about', async () => {
    const { scores } = await scoresWith({})
    const own = scores.filter((_, i) => i % 4 === Math.floor(i / 4) % 2)
    const others = scores.filter((_, i) => i % 4 >= 2)
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
    expect(mean(own)).toBeGreaterThan(0.6)
    expect(Math.abs(mean(others))).toBeLessThan(0.2)
  })

  it('divides lengths out as PILOT does, if asked', async () => {
    const { scores, cosines } = await scoresWith({ compat: 'pilot' })
    scores.forEach((score, i) => expect(score).toBeCloseTo(cosines[i]!, 4))
  })

  it('refuses a projection whose square no tensor could hold', () => {
    expect(() => ranpac({ projectionSize: 1_000_000 })).toThrow(/projectionSize/)
  })

  it('works on the features themselves without a projection', async () => {
    const { shape, scores } = await scoresWith({ randomProjection: false })
    expect(shape).toEqual([4, 16])
    expect(scores.every(Number.isFinite)).toBe(true)
  })

  it('takes the strength it is given, and shrinks the scores with it', async () => {
    const size = ({ scores }: { scores: number[] }) => Math.hypot(...scores)
    const weak = size(await scoresWith({ ridge: 1 }))
    const strong = size(await scoresWith({ ridge: 1e6 }))
    const stronger = size(await scoresWith({ ridge: 2e6 }))
    expect(weak).toBeGreaterThan(10 * strong)
    // far above the Gram matrix the solution is Q / strength
    expect(strong / stronger).toBeCloseTo(2, 1)
    expect(() => ranpac({ ridge: 0 })).toThrow(/ridge/)
  })

  /** What the learner notes of its strengths, over two tasks of the same few images over and over. */
  async function strengthsWith(options: Parameters<typeof ranpac>[0]): Promise<{ notes: string[]; weights: number[] }> {
    const backbone = tinyBackbone()
    const plan = { totalClasses: 4, baseClasses: 2, increment: 2 }
    const learner = ranpac({ ...quick, projectionSize: 600, ...options }).create({ backbone, seed: 1, plan })
    const notes: string[] = []
    const onProgress = (event: ProgressEvent) => event.kind === 'note' && notes.push(event.message)
    const context = createContext({ seed: 1, onProgress })
    for (const { train, ...task } of [patternTask(0, [0, 1]), patternTask(1, [2, 3])]) {
      const same = train.select(Array.from({ length: 40 }, (_, i) => i % 2))
      const learned = { ...task, train: same }
      await learner.learn(learned, context(learned))
    }
    const weights = Array.from(await learner.state().tensors['head.weight']!.data())
    learner.dispose()
    backbone.dispose()
    return { notes, weights }
  }

  it('takes a larger strength where the wanted one is too small for float32, and says so', async () => {
    const { notes, weights } = await strengthsWith({ ridge: 1e-8 })
    expect(weights.every(Number.isFinite)).toBe(true)
    const raised = notes.map((note) => /^ridge strength (\S+), for (\S+) is too small/.exec(note)!.map(Number))
    expect(raised).toHaveLength(2)
    for (const [, taken, wanted] of raised) expect(taken! / wanted!).toBeGreaterThan(1)
  })

  it('chooses no strength below 1 where PILOT’s float32 would find none', async () => {
    const { notes } = await strengthsWith({ compat: 'pilot' })
    expect(notes).toHaveLength(2)
    for (const note of notes) expect(Number(/^ridge strength (\S+?),?(?: |$)/.exec(note)![1])).toBeGreaterThanOrEqual(1)
  })

  it('learns classes of one image each, whether or not they are enough to choose a strength from', async () => {
    const backbone = tinyBackbone()
    const learner = ranpac(quick).create({ backbone, seed: 1 })
    const single = (index: number, classes: number[]) => {
      const task = patternTask(index, classes, classes[0])
      return { ...task, train: task.train.select(classes.map((_, i) => i)) }
    }
    const tasks = [single(0, [0, 1]), single(1, [2]), single(2, [3, 4, 5, 6, 7])]
    await learnTasks(learner, tasks, { seed: 1 })
    // Each class has as many images as another, so that an image of the training set scores highest for its own.
    const { shape, values } = await scoresOf(learner, patternImages([0, 1, 2, 3, 4, 5, 6, 7], 'exam'))
    expect(shape).toEqual([8, 8])
    expect(values.every(Number.isFinite)).toBe(true)
    for (const { train, classes } of tasks) {
      const own = (await scoresOf(learner, train)).values
      classes.forEach((label, i) => expect(own[i * 8 + label]).toBe(Math.max(...own.subarray(i * 8, i * 8 + 8))))
    }
    learner.dispose()
    backbone.dispose()
  })

  it('reads PILOT’s exps/ranpac.json', () => {
    const config = pilotConfig({ model_name: 'ranpac', use_simplecil: false, use_RP: true, M: 10000 }, 'firstTask')
    expect(readPilotConfig(config, ranpac).options).toEqual(ranpac().options)
    const plain = { ...config, backbone_type: 'pretrained_vit_b16_224', use_RP: false }
    expect(readPilotConfig(plain, ranpac).options).toMatchObject({ tuning: 'finetune', randomProjection: false })
  })
})
