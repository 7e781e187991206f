import { createContext } from '@pilotjs/core'
import type { ContextOptions, JsonValue, LabeledImages, LearnContext, Learner, LearnerState, Task } from '@pilotjs/core'
import * as tf from '@tensorflow/tfjs-core'
import { patternImages } from './patterns'

/** A context that recalls exemplars from these tasks' images, as a stream would. */
export function contextOf(
  tasks: readonly Task[],
  options: Omit<ContextOptions, 'recall'>,
): (task: Task) => LearnContext {
  const sets = tasks.map(({ train }) => train)
  const recall = (keys: readonly string[]): LabeledImages => {
    const all = sets.slice(1).reduce((pool, images) => pool.concat(images), sets[0]!)
    const positions = new Map(Array.from({ length: all.length }, (_, i) => [all.key(i), i]))
    const positionOf = (key: string) => {
      const position = positions.get(key)
      if (position === undefined) throw new Error(`no task had an image with the key ${key}`)
      return position
    }
    return all.select(keys.map(positionOf))
  }
  return createContext({ ...options, recall })
}

/** Lets a learner learn tasks in order. */
export async function learnTasks(learner: Learner, tasks: readonly Task[], options: { seed: number }): Promise<void> {
  const context = contextOf(tasks, options)
  for (const task of tasks) await learner.learn(task, context(task))
}

/** Scores of all images in one batch, as numbers. */
export async function scoresOf(
  learner: Learner,
  images: LabeledImages,
): Promise<{ shape: number[]; values: Float32Array }> {
  for await (const batch of images.batches({ size: images.length, view: 'eval' })) {
    const scores = learner.score(batch.images)
    const values = (await scores.data()) as Float32Array
    tf.dispose(scores)
    batch.dispose()
    return { shape: scores.shape, values }
  }
  throw new Error('there are no images to score')
}

/**
 * Scores of an image of class 0 alone, and of the same image in a batch with these others: equal where images are scored one by
 * one.
 */
export async function scoresAloneAndTogether(
  learner: Learner,
  others: readonly number[],
): Promise<{ alone: number[]; together: number[] }> {
  const first = async (labels: readonly number[]) => {
    const { shape, values } = await scoresOf(learner, patternImages(labels, 'exam'))
    return Array.from(values.subarray(0, shape[1]))
  }
  return { alone: await first([0]), together: await first([0, ...others]) }
}

/** What a state is after a way through files: copies of the tensors, JSON written and read. The caller disposes the tensors. */
export async function savedState(learner: Learner): Promise<LearnerState> {
  const { tensors, json } = learner.state()
  const copies = await Promise.all(
    Object.entries(tensors).map(
      async ([name, own]) => [name, tf.tensor((await own.data()).slice(), own.shape, own.dtype)] as const,
    ),
  )
  return { tensors: Object.fromEntries(copies), json: JSON.parse(JSON.stringify(json)) as Record<string, JsonValue> }
}
