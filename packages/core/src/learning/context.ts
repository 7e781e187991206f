import type { FeatureCache } from '../contracts/features'
import type { LabeledImages } from '../contracts/images'
import type { LearnContext } from '../contracts/learner'
import type { ProgressEvent } from '../contracts/progress'
import type { Task } from '../contracts/task'
import { SampleKeyError, memoryFeatureCache } from '../features/feature-cache'
import { createRng } from '../random/rng'

export interface ContextOptions {
  seed: number
  onProgress?(event: ProgressEvent, task: Task): void
  signal?: AbortSignal
  /** Default: a cache in memory. */
  features?: FeatureCache
  prepared?: LearnContext['prepared']
}

/**
 * What a pipeline of one's own gives to `learner.learn`: `const context = createContext({ seed: 1993 })`, then for every
 * task, in order, `await learner.learn(task, context(task))`. It remembers the tasks, so that exemplars can be recalled.
 */
export function createContext(options: ContextOptions): (task: Task) => LearnContext {
  const features = options.features ?? memoryFeatureCache()
  const signal = options.signal ?? new AbortController().signal
  const rng = createRng(options.seed)
  const seen: LabeledImages[] = []
  return (task) => {
    const earlier = [...seen]
    seen.push(task.train)
    return {
      rng: rng.fork('task', task.index),
      signal,
      features,
      report: (event) => options.onProgress?.(event, task),
      recall: (keys, labels) => recallFrom(earlier, keys, labels),
      ...(options.prepared && { prepared: options.prepared }),
    }
  }
}

/**
 * Images by key, in the order of the keys.
 * @throws Error for a key that none of the sets has, or whose label is another; SampleKeyError for one that two samples have
 */
export function recallFrom(
  sets: readonly LabeledImages[],
  keys: readonly string[],
  labels: ArrayLike<number>,
): LabeledImages {
  const homes = new Map<string, [set: number, position: number]>()
  const twins = new Set<string>()
  sets.forEach((images, set) => {
    for (let position = 0; position < images.length; position++) {
      const key = images.key(position)
      const home = homes.get(key)
      if (home && !sameSample(sets[home[0]]!, home[1], images, position)) twins.add(key)
      homes.set(key, [set, position])
    }
  })
  const order = keys.map((key, i) => {
    const home = homes.get(key)
    if (twins.has(key)) throw new SampleKeyError(key)
    if (!home) throw new Error(`Exemplar '${key}' is in none of the earlier tasks; was the stream or its data changed?`)
    const found = sets[home[0]]!.labels[home[1]]!
    if (found !== labels[i]) throw new Error(`Exemplar '${key}' has label ${found} in the data, ${labels[i]} in memory`)
    return home
  })
  const first = sets[0]
  if (!first) throw new Error('There is no earlier task to recall exemplars from')
  const pool = sets.slice(1).reduce((all, images) => all.concat(images), first)
  const starts: number[] = []
  sets.reduce((start, images) => {
    starts.push(start)
    return start + images.length
  }, 0)
  return pool.select(order.map(([set, position]) => starts[set]! + position))
}

/** Whether two sets hold the same sample, as far as labels and contents that are at hand tell. */
function sameSample(first: LabeledImages, i: number, second: LabeledImages, j: number): boolean {
  if (first.labels[i] !== second.labels[j]) return false
  const [one, other] = [first.fingerprint?.(i), second.fingerprint?.(j)]
  return typeof one !== 'string' || typeof other !== 'string' || one === other
}
