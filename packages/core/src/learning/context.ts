import type { FeatureCache } from '../contracts/features'
import type { LabeledImages } from '../contracts/images'
import type { LearnContext } from '../contracts/learner'
import type { ProgressEvent } from '../contracts/progress'
import type { Task } from '../contracts/task'
import { PilotError } from '../errors/pilot-error'
import { memoryFeatureCache } from '../features/feature-cache'
import { createRng } from '../random/rng'

export interface ContextOptions {
  /** The run's seed: a task's random numbers derive from it and the task's index. */
  readonly seed: number
  /** Default: a cache in memory. */
  readonly features?: FeatureCache
  /** How exemplars come back: a stream's `recall`, or a store of your own. Methods that rehearse need it. */
  readonly recall?: LearnContext['recall']
  readonly signal?: AbortSignal
  onProgress?(event: ProgressEvent, task: Task): void
}

/**
 * What a learner is given along with a task, the same in a program and in a run: `const context = createContext({ seed: 1993 })`,
 * then for every task, in order, `await learner.learn(task, context(task))`. It keeps nothing of the tasks.
 */
export function createContext(options: ContextOptions): (task: Task) => LearnContext {
  const { features = memoryFeatureCache(), signal = new AbortController().signal, recall = nothingToRecall } = options
  const rng = createRng(options.seed)
  return (task) => ({
    rng: rng.fork('task', task.index),
    signal,
    features,
    report: (event) => options.onProgress?.(event, task),
    recall,
  })
}

function nothingToRecall(keys: readonly string[]): LabeledImages {
  throw new PilotError(
    'no-recall',
    `this method rehearses, and asks for ${keys.length} earlier images: give createContext a \`recall\`, such as a stream's`,
    { option: 'recall', images: keys.length },
  )
}
