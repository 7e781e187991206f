import type { FeatureCache, Learner, ProgressEvent } from '@pilotjs/core'
import { createContext } from '@pilotjs/core'
import { memory } from '@tensorflow/tfjs-core'
import type { TopK } from '../metrics/index'
import { accuracy, groupedAccuracy, predictions, topKAccuracy } from '../metrics/index'
import { progressRecorder } from './progress-recorder'
import type { Predictions, ReadingRecord, TaskCost, TaskRecord } from './record'
import type { ScoreSet, ScoredSet } from './score-images'
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
  /** Images per forward call when scoring. Default: what suits the images and the memory. */
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
    const context = createContext({
      seed: options.seed,
      signal,
      features,
      recall: (keys, labels) => stream.recall(keys, labels),
      onProgress: (event) => {
        recorder.add(event)
        options.onEvent?.({ kind: 'learning', task: index, event })
      },
    })
    await learner.learn(task, context(task))
    signal.throwIfAborted()
    const learned = now()

    const scored = await scoreSeen(options, index, signal)
    const phases = recorder.records()
    const record: TaskRecord = {
      task: index,
      ...(stream.sessions ? { session: stream.sessions[index]! } : {}),
      classes: task.classes,
      classesBefore: task.classesBefore,
      classesAfter: task.classesAfter,
      trainImages: task.train.length,
      testImages: scored.predictions.labels.length,
      trainableParameters: Math.max(0, ...phases.map((phase) => phase.trainableParameters)),
      phases,
      accuracy: Object.values(scored.readings)[0]!.top1,
      readings: scored.readings,
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
        `task ${index + 1} on record had ${classes.length} classes and ${trainImages} training images, ` +
          `the stream's has ${task ? `${task.classes.length} and ${task.train.length}` : 'none'}: is the data still the same?`,
      )
  }
}

/** Scores the test images of every task seen; where the next task brings no new class, its too, for forward transfer. */
async function scoreSeen(options: EvaluateOptions, index: number, signal: AbortSignal) {
  const { learner, stream, features, batchSize, onEvent } = options
  const { classesAfter, classesBefore } = stream.tasks[index]!
  const ahead = stream.tasks[index + 1]?.classesAfter === classesAfter ? 1 : 0
  const within = stream.sessions && classesUpTo(stream.tasks, stream.sessions, index)
  const sets = stream.tasks.slice(0, index + 1 + ahead).map(({ classes }, task) => ({
    images: stream.test(task),
    ...(stream.scenario === 'task-incremental' ? { among: classes } : {}),
    ...(within ? { within } : {}),
  }))
  const scored = await scoreImages(learner, sets, {
    features,
    k: Math.min(5, classesAfter),
    batchSize,
    signal,
    onProgress: (done, total) => onEvent?.({ kind: 'scoring', task: index, done, total }),
  })

  const seen = sets.slice(0, index + 1)
  const labels = seen.flatMap(({ images }) => Array.from(images.labels))
  const keys = seen.flatMap(({ images }) =>
    Array.from({ length: images.length }, (_, position) => images.key(position)),
  )
  const read = (tops: readonly ScoredSet[]) => {
    const byTask = tops.map((top, task) => {
      const { labels: own } = sets[task]!.images
      return own.length === 0 ? null : accuracy(predictions(top), own)
    })
    const all = joined(tops.slice(0, index + 1))
    const predicted = predictions(all)
    const reading: ReadingRecord = {
      top1: accuracy(predicted, labels),
      topK: { k: all.k, accuracy: topKAccuracy(all, labels) },
      byTask: stream.tasks.map((_, task) => byTask[task] ?? null),
      ...(within ? { cumulative: cumulativeOf(tops, sets, stream.sessions!, index) } : {}),
      ...(stream.scenario === 'class-incremental'
        ? { grouped: groupedAccuracy(predicted, labels, { ...stream.plan, classesBefore }) }
        : {}),
    }
    return { reading, predicted: Array.from(predicted) }
  }
  const names = Object.keys(scored[0]!)
  const results = names.map((name) => [name, read(scored.map((set) => set[name]!))] as const)
  return {
    readings: Object.fromEntries(results.map(([name, { reading }]) => [name, reading])),
    predictions: {
      keys,
      labels,
      readings: Object.fromEntries(results.map(([name, { predicted }]) => [name, predicted])),
    } satisfies Predictions,
  }
}

/** For each session so far, the classes that came up to its end, of those that came at all. */
function classesUpTo(tasks: EvaluationStream['tasks'], sessions: readonly number[], index: number): number[][] {
  return Array.from({ length: sessions[index]! + 1 }, (_, session) => {
    const own = tasks.slice(0, index + 1).filter((_task, at) => sessions[at]! <= session)
    return [...new Set(own.flatMap(({ classes }) => classes))]
  })
}

/** Accuracy on the images of the sessions up to each, where only their classes may be predicted. */
function cumulativeOf(
  tops: readonly ScoredSet[],
  sets: readonly ScoreSet[],
  sessions: readonly number[],
  index: number,
): number[] {
  return Array.from({ length: sessions[index]! + 1 }, (_, session) => {
    const own = tops.slice(0, index + 1).flatMap((top, at) => (sessions[at]! <= session ? [{ top, at }] : []))
    const predicted = own.flatMap(({ top }) => [...top.within![session]!])
    const labels = own.flatMap(({ at }) => [...sets[at]!.images.labels])
    return accuracy(predicted, labels)
  })
}

/** Rows of several sets as of one. The sets' k differ only where a task has fewer classes than k: the least counts. */
function joined(tops: readonly TopK[]): TopK {
  const k = Math.min(...tops.map((top) => top.k))
  const rows = tops.flatMap((top) =>
    Array.from({ length: top.classes.length / top.k }, (_, row) => [
      ...top.classes.subarray(row * top.k, row * top.k + k),
    ]),
  )
  return { k, classes: Int32Array.from(rows.flat()) }
}
