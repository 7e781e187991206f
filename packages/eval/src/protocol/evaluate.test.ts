import '@tensorflow/tfjs-backend-cpu'
import { memoryFeatureCache } from '@pilotjs/core/features'
import type { FeatureExtractor, Learner } from '@pilotjs/core'
import { tinyLearner, tinyStream } from '@pilotjs/testing/tiny'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { frozenLearner, uncachedFeatures } from '../__fixtures__/frozen-learner'
import type { RunEvent, ScoredTask } from './evaluate'
import { evaluate } from './evaluate'
import { cumulativeAccuracy } from '../metrics/index'
import { mainReading } from './record'
import type { EvaluationStream } from './stream'
import { summarize } from './summary'

beforeAll(async () => {
  await tf.setBackend('cpu')
})

/** Scores of a stream's test images of some tasks, [images × classes], worked out by the learner itself. */
async function scoresOf(learner: Learner, stream: EvaluationStream, tasks: readonly number[]) {
  const scores: number[] = []
  const labels: number[] = []
  for (const task of tasks)
    for await (const batch of stream.test(task).batches({ size: 64, view: 'eval' })) {
      labels.push(...batch.labels.dataSync())
      scores.push(...(learner.score(batch.images).dataSync() as Float32Array))
      batch.dispose()
    }
  return { scores, labels }
}

describe('evaluate', () => {
  it('lets only the classes of each session of an online stream be predicted, beside all classes', async () => {
    const stream = { ...tinyStream(), sessions: [0, 0, 1] }
    const learner = tinyLearner()
    const records = await evaluate({ learner, stream, seed: 1, features: uncachedFeatures() })
    const own = records.map((record) => mainReading(record).cumulative!)
    expect(own.map((row) => row.length)).toEqual([1, 1, 2])
    // Of the session that goes on it is the accuracy.
    expect(own.map((row) => row.at(-1))).toEqual(records.map(({ accuracy }) => accuracy))
    const { scores, labels } = await scoresOf(learner, stream, [0, 1])
    expect(own[2]![0]).toBeCloseTo(cumulativeAccuracy(scores, 6, labels, [0, 1, 2, 3]), 10)
    expect(own[2]![0]).toBeGreaterThan(0)
    const { averageAnytimeAccuracy, averageIncrementalAccuracy, cumulativeForgetting } = summarize(records)
    expect(averageAnytimeAccuracy).toBe(averageIncrementalAccuracy)
    expect(cumulativeForgetting).toBeCloseTo(own[1]![0]! - own[2]![0]!, 10)
    learner.dispose()
    expect(mainReading(records[0]!).cumulative).toBeDefined()
    const plain = await evaluate({
      learner: tinyLearner(),
      stream: tinyStream(),
      seed: 1,
      features: uncachedFeatures(),
    })
    expect(mainReading(plain[0]!).cumulative).toBeUndefined()
    expect(summarize(plain).cumulativeForgetting).toBeNull()
  })

  it('learns every task and scores all classes seen', async () => {
    const events: RunEvent[] = []
    const saved: ScoredTask[] = []
    const learner = tinyLearner()
    const records = await evaluate({
      learner,
      stream: tinyStream(),
      seed: 1,
      features: uncachedFeatures(),
      residentMemory: () => 5,
      onEvent: (event) => events.push(event),
      afterTask: (task) => void saved.push(task),
    })
    learner.dispose()

    expect(records.map(({ classesAfter, testImages }) => [classesAfter, testImages])).toEqual([
      [2, 12],
      [4, 24],
      [6, 36],
    ])
    const [, , last] = records
    expect(mainReading(last!).byTask).toHaveLength(3)
    expect(mainReading(records[0]!).byTask.slice(1)).toEqual([null, null])
    const mean = mainReading(last!).byTask.reduce<number>((sum, value) => sum + value!, 0) / 3
    expect(mainReading(last!).top1).toBeCloseTo(mean, 10)
    expect(mainReading(last!).topK.k).toBe(5)
    expect(mainReading(records[0]!).topK).toEqual({ k: 2, accuracy: 100 })
    expect(mainReading(last!).grouped).toMatchObject({ '00-01': expect.any(Number), '04-05': expect.any(Number) })
    expect(last!.phases).toEqual([
      { phase: 'train', trainableParameters: 288, losses: [expect.any(Number), expect.any(Number)] },
    ])
    expect(last!.trainableParameters).toBe(288)

    expect(saved.map(({ predictions }) => predictions.labels.length)).toEqual([12, 24, 36])
    expect(saved[2]!.predictions.keys[35]).toBe('test/2/5/5')
    expect(saved[2]!.cost).toMatchObject({ rssBytes: 5, learnSeconds: expect.any(Number) })
    expect(events.filter(({ kind }) => kind === 'task')).toHaveLength(3)
    expect(events.at(-1)).toMatchObject({ kind: 'scored', task: 2 })
    expect(events.findLast(({ kind }) => kind === 'scoring')).toMatchObject({ done: 36, total: 36 })
  })

  it('takes no scores that are not numbers', async () => {
    const learner = tinyLearner()
    const broken = { ...learner, readings: { head: () => tf.fill([4, 2], NaN) as tf.Tensor2D } }
    const scored = evaluate({
      learner: broken,
      stream: tinyStream(),
      seed: 1,
      features: uncachedFeatures(),
      batchSize: 4,
    })
    await expect(scored).rejects.toThrow(
      /scores are NaN for all classes: .*lower the learning rate, or check backbone and data/,
    )
    learner.dispose()
  })

  it('continues after earlier tasks with the numbers of an uninterrupted run', async () => {
    const features = uncachedFeatures()
    const whole = tinyLearner()
    const uninterrupted = await evaluate({ learner: whole, stream: tinyStream(), seed: 3, features })

    const first = tinyLearner()
    const stop = new AbortController()
    const earlier = await evaluate({
      learner: first,
      stream: tinyStream({ tasks: 3 }),
      seed: 3,
      features,
      signal: stop.signal,
      afterTask: ({ record }) => {
        if (record.task === 1) stop.abort(new Error('stop'))
      },
    }).catch((error: unknown) => {
      expect(error).toEqual(new Error('stop'))
      return uninterrupted.slice(0, 2)
    })
    const second = tinyLearner()
    second.restore(first.state())
    first.dispose()
    const resumed = await evaluate({ learner: second, stream: tinyStream(), seed: 3, features, earlier })
    expect(resumed).toEqual(uninterrupted)
    whole.dispose()
    second.dispose()
  })

  it('stops at the next step when aborted, with the reason', async () => {
    const learner = tinyLearner()
    const stop = new AbortController()
    let steps = 0
    const run = evaluate({
      learner,
      stream: tinyStream(),
      seed: 1,
      features: uncachedFeatures(),
      signal: stop.signal,
      onEvent: (event) => {
        if (event.kind === 'learning' && event.event.kind === 'step' && ++steps === 2) stop.abort(new Error('Ctrl-C'))
      },
    })
    await expect(run).rejects.toThrow('Ctrl-C')
    expect(steps).toBe(2)
    learner.dispose()
  })

  it('reads a frozen extractor through the cache, in every way the learner has', async () => {
    const learner = frozenLearner()
    const records = await evaluate({ learner, stream: tinyStream(), seed: 1, features: uncachedFeatures() })
    const last = records.at(-1)!
    expect(last.readings.nearestMean!.top1).toBeGreaterThan(80)
    expect(last.accuracy).toBeLessThan(20)
    expect(last.readings.nearestMean!.byTask.every((value) => value !== null)).toBe(true)
    learner.dispose()
  })

  it('takes what is known of an image from the cache, and nothing else', async () => {
    const learner = tinyLearner()
    const { width, apply } = learner.extractor
    const own = { known: 0, others: 0 }
    const known: FeatureExtractor = {
      id: () => Promise.resolve('halves'),
      width,
      apply: (images) => ((own.known += images.shape[0]), tf.div(apply(images), 2)),
    }
    const extractor: FeatureExtractor = {
      width,
      known,
      apply: (images, halves) => ((own.others += images.shape[0]), tf.mul(halves!, 2)),
    }
    const options = () => ({ stream: tinyStream(), seed: 1, features: memoryFeatureCache() })
    const whole = await evaluate({ learner, ...options() })
    const other = tinyLearner()
    const records = await evaluate({ learner: { ...other, extractor }, ...options() })
    expect(records.map(({ accuracy }) => accuracy)).toEqual(whole.map(({ accuracy }) => accuracy))
    const { tasks, test } = tinyStream()
    const images = tasks.reduce((sum, _, task) => sum + test(task).length, 0)
    expect(own.known).toBe(images)
    expect(own.others).toBeGreaterThan(images)
    learner.dispose()
    other.dispose()
  })

  it('reads only the task at hand where the task is told', async () => {
    const run = async (scenario: 'class-incremental' | 'task-incremental') => {
      const learner = tinyLearner()
      const records = await evaluate({
        learner,
        stream: tinyStream({ scenario }),
        seed: 1,
        features: uncachedFeatures(),
      })
      learner.dispose()
      return mainReading(records.at(-1)!)
    }
    const told = await run('task-incremental')
    expect(told.top1).toBeGreaterThan((await run('class-incremental')).top1)
    expect(told.topK.k).toBe(2)
    expect(told.grouped).toBeUndefined()
  })

  it('scores the next task beforehand where it brings no new class', async () => {
    const learner = tinyLearner()
    const records = await evaluate({
      learner,
      stream: tinyStream({ scenario: 'domain-incremental' }),
      seed: 1,
      features: uncachedFeatures(),
    })
    expect(records.map((record) => mainReading(record).byTask.map((value) => value !== null))).toEqual([
      [true, true, false],
      [true, true, true],
      [true, true, true],
    ])
    expect(records[0]!.testImages).toBe(12)
    learner.dispose()
  })

  it('leaves no tensor behind', async () => {
    const before = tf.memory().numTensors
    const learner = tinyLearner({ epochs: 1 })
    await evaluate({ learner, stream: tinyStream(), seed: 1, features: uncachedFeatures() })
    learner.dispose()
    const frozen = frozenLearner()
    await evaluate({ learner: frozen, stream: tinyStream(), seed: 1, features: uncachedFeatures() })
    frozen.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })
})
