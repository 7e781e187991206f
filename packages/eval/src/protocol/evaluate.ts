import type { FeatureCache, LearnContext, Learner, ProgressEvent } from '@pilotjs/core'
import { createRng } from '@pilotjs/core'
import { memory } from '@tensorflow/tfjs-core'
import type { TopK } from '../metrics/index'
import { accuracy, groupedAccuracy, predictions, topKAccuracy } from '../metrics/index'
import { progressRecorder } from './progress-recorder'
import type { Predictions, Reading, TaskCost, TaskRecord } from './record'
import { scoreImages } from './score-images'
import type { EvaluationStream } from './stream'

/** What a run tells while it goes on. */
export type RunEvent =
  | { readonly kind: 'task'; readonly task: number; readonly tasks: number; readonly classesAfter: number }
  | { readonly kind: 'learning'; readonly task: number; readonly event: ProgressEvent }
  | { readonly kind: 'scoring'; readonly task: number; readonly done: number; readonly total: number }
  | { readonly kind: 'scored'; readonly task: number; readonly record: TaskRecord; readonly cost: TaskCost }

/** A learned and scored task, as it is handed to whoever saves it. */
export interface ScoredTask {
  readonly record: TaskRecord
  readonly cost: TaskCost
  readonly predictions: Predictions
}

export interface EvaluateOptions {
  readonly learner: Learner
  readonly stream: EvaluationStream
  /** Every task's random numbers derive from it and the task's index: the same run, resumed or not, draws the same. */
  readonly seed: number
  readonly features: FeatureCache
  /** Aborted to stop: at the next training step or scored batch, with the signal's reason. */
  readonly signal?: AbortSignal
  /** Tasks already learned, where the learner was restored to the end of the last of them. */
  readonly earlier?: readonly TaskRecord[]
  /** Images per forward call when scoring. Default 64. */
  readonly batchSize?: number
  /** Resident memory of this process, in bytes. */
  readonly residentMemory?: () => number
  onEvent?(event: RunEvent): void
  /** Awaited after each task, before the next begins: the place to save. */
  afterTask?(task: ScoredTask): void | Promise<void>
}

const now = () => performance.now() / 1000

/**
 * The protocol of continual learning: learn a task, score the test images of all tasks seen, go on to the next
 * (Rebuffi et al., CVPR 2017, § 4.1; PILOT's `trainer.py`).
 * @returns the records of all tasks, `earlier` ones included
 */
export async function evaluate(options: EvaluateOptions): Promise<TaskRecord[]> {
  const { learner, stream, features } = options
  const signal = options.signal ?? new AbortController().signal
  const records = [...(options.earlier ?? [])]
  requireSameStream(records, stream)
  for (let index = records.length; index < stream.tasks.length; index++) {
    signal.throwIfAborted()
    const task = stream.tasks[index]!
    const found = { ...features.stats }
    options.onEvent?.({ kind: 'task', task: index, tasks: stream.tasks.length, classesAfter: task.classesAfter })

    const began = now()
    const recorder = progressRecorder()
    const context: LearnContext = {
      rng: createRng(options.seed).fork('task', index),
      signal,
      features,
      recall: (keys, labels) => stream.recall(keys, labels),
      report: (event) => {
        recorder.add(event)
        options.onEvent?.({ kind: 'learning', task: index, event })
      },
    }
    await learner.learn(task, context)
    signal.throwIfAborted()
    const learned = now()

    const scored = await scoreSeen(options, index, signal)
    const phases = recorder.records()
    const record: TaskRecord = {
      task: index,
      classes: task.classes,
      classesBefore: task.classesBefore,
      classesAfter: task.classesAfter,
      trainImages: task.train.length,
      testImages: scored.predictions.labels.length,
      trainableParameters: Math.max(0, ...phases.map((phase) => phase.trainableParameters)),
      phases,
      head: scored.head,
      ...(scored.nearestMean ? { nearestMean: scored.nearestMean } : {}),
    }
    const { numTensors, numBytes } = memory()
    const cost: TaskCost = {
      learnSeconds: learned - began,
      scoreSeconds: now() - learned,
      tensors: numTensors,
      tensorBytes: numBytes,
      ...(options.residentMemory ? { rssBytes: options.residentMemory() } : {}),
      features: {
        computed: features.stats.computed - found.computed,
        reused: features.stats.reused - found.reused,
      },
    }
    records.push(record)
    await options.afterTask?.({ record, cost, predictions: scored.predictions })
    options.onEvent?.({ kind: 'scored', task: index, record, cost })
  }
  return records
}

/** @throws RangeError where the tasks on record are not this stream's first ones */
function requireSameStream(records: readonly TaskRecord[], { tasks }: EvaluationStream): void {
  for (const [index, { classes, trainImages }] of records.entries()) {
    const task = tasks[index]
    if (!task || task.train.length !== trainImages || task.classes.join() !== classes.join())
      throw new RangeError(
        `task ${index} on record had ${classes.length} classes and ${trainImages} training images, ` +
          `the stream's has ${task ? `${task.classes.length} and ${task.train.length}` : 'none'}: is the data still the same?`,
      )
  }
}

/** Top-k of all images of one reading, gathered task by task. */
interface Gathered {
  readonly byTask: (number | null)[]
  readonly predicted: number[]
  within: number
  k: number
}

/** Scores the test images of every task seen; where the next task brings no new class, its too, for forward transfer. */
async function scoreSeen(
  { learner, stream, features, batchSize, onEvent }: EvaluateOptions,
  index: number,
  signal: AbortSignal,
) {
  const { classesAfter, classesBefore } = stream.tasks[index]!
  const seen = stream.tasks.slice(0, index + 1)
  const tests = seen.map((_, task) => stream.test(task))
  const total = tests.reduce((sum, images) => sum + images.length, 0)
  const gathered: { head: Gathered; nearestMean?: Gathered } = { head: emptyGathered() }
  const keys: string[] = []
  const labels: number[] = []

  const score = (task: number, images = tests[task]!) =>
    scoreImages(learner, images, {
      features,
      k: Math.min(5, classesAfter),
      batchSize,
      signal,
      ...(stream.scenario === 'task-incremental' ? { among: stream.tasks[task]!.classes } : {}),
      onProgress: (done) => onEvent?.({ kind: 'scoring', task: index, done: labels.length + done, total }),
    })

  for (const [task, images] of tests.entries()) {
    const { head, nearestMean } = await score(task)
    gather(gathered.head, head, images.labels)
    if (nearestMean) gather((gathered.nearestMean ??= emptyGathered()), nearestMean, images.labels)
    for (let position = 0; position < images.length; position++) keys.push(images.key(position))
    for (const label of images.labels) labels.push(label)
  }
  const next = stream.tasks[index + 1]
  if (next && next.classesAfter === classesAfter) {
    const images = stream.test(index + 1)
    const { head, nearestMean } = await score(index + 1, images)
    gathered.head.byTask[index + 1] = topKAccuracy({ k: 1, classes: predictions(head) }, images.labels)
    if (nearestMean && gathered.nearestMean)
      gathered.nearestMean.byTask[index + 1] = topKAccuracy({ k: 1, classes: predictions(nearestMean) }, images.labels)
  }

  const reading = ({ byTask, predicted, within, k }: Gathered): Reading => ({
    top1: accuracy(predicted, labels),
    topK: { k, accuracy: (within * 100) / labels.length },
    byTask: stream.tasks.map((_, task) => byTask[task] ?? null),
    ...(stream.scenario === 'class-incremental'
      ? { grouped: groupedAccuracy(predicted, labels, { ...stream.plan, classesBefore }) }
      : {}),
  })
  return {
    head: reading(gathered.head),
    ...(gathered.nearestMean ? { nearestMean: reading(gathered.nearestMean) } : {}),
    predictions: {
      keys,
      labels,
      predicted: gathered.head.predicted,
      ...(gathered.nearestMean ? { nearestMean: gathered.nearestMean.predicted } : {}),
    } satisfies Predictions,
  }
}

const emptyGathered = (): Gathered => ({ byTask: [], predicted: [], within: 0, k: 0 })

function gather(into: Gathered, top: TopK, labels: ArrayLike<number>): void {
  const predicted = predictions(top)
  into.byTask.push(labels.length === 0 ? null : accuracy(predicted, labels))
  for (const c of predicted) into.predicted.push(c)
  into.within += Math.round((topKAccuracy(top, labels) * labels.length) / 100)
  into.k = Math.max(into.k, top.k)
}
