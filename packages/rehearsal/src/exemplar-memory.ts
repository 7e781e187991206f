import { variableStore } from '@pilotjs/core/parameters'
import type { FeatureExtractor, JsonValue, LabeledImages, LearnContext, NamedTensors, Task } from '@pilotjs/core'
import type { Part } from '@pilotjs/core/parts'
import { tensor2d, tidy } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { exemplarsPerClass } from './budget'
import type { ExemplarBudget } from './budget'
import { herd, meanOfRows, unitRows, unitVector } from './herding'
import { nearestMeanScores } from './nearest-mean'

/**
 * Exemplars of the classes learned so far. What is kept are keys and labels, a few bytes an image; the images come back through
 * `context.recall`. Beside them stand the mean feature of each class' exemplars, for nearest-mean prediction.
 */
export interface ExemplarMemory extends Part {
  /** How many images are remembered. */
  readonly size: number
  /** How many classes have exemplars. */
  readonly classes: number
  /** [classes, width]: per class, the mean of its exemplars' unit features, of unit length. Undefined before the first update. */
  readonly means: Tensor2D | undefined
  /** The exemplars, class by class, best first. Undefined while there are none. */
  images(context: Pick<LearnContext, 'recall'>): LabeledImages | undefined
  /** A task's images followed by the exemplars: what a rehearsal method trains on. */
  rehearse(train: LabeledImages, context: Pick<LearnContext, 'recall'>): LabeledImages
  /**
   * After a task: shortens the old classes' lists to the budget, herds exemplars of the task's classes, and takes all class means
   * anew with the features as they are now. A class that comes again is herded from its exemplars and its new images together.
   */
  update(task: Task, extractor: FeatureExtractor, context: LearnContext): Promise<void>
  /** Scores by the nearest mean of exemplars, for a learner's readings. @throws Error before the first update */
  nearestMean(features: Tensor2D): Tensor2D
}

/** @param budget see `budgetOf` for a method's options */
export function exemplarMemory(budget: ExemplarBudget): ExemplarMemory {
  /** Per class, its exemplars' keys in herding order; the index is the label. */
  let keys: string[][] = []
  const store = variableStore()
  const images: ExemplarMemory['images'] = (context) => recallAll(keys, context)

  return {
    get size() {
      return keys.reduce((sum, own) => sum + own.length, 0)
    },
    get classes() {
      return keys.length
    },
    get means() {
      return store.has('means') ? (store.get('means') as Tensor2D) : undefined
    },
    images,
    rehearse(train, context) {
      const exemplars = images(context)
      return exemplars ? train.concat(exemplars) : train
    },

    async update(task, extractor, context) {
      const share = exemplarsPerClass(budget, task.classesAfter)
      const kept = keys.map((own) => own.slice(0, share))
      const old = recallAll(kept, context)
      const pools = old ? [old, task.train] : [task.train]
      const width = extractor.width
      const parts: Float32Array[] = []
      for (const pool of pools) parts.push(await readFeatures(pool, extractor, context))
      const rows = concatRows(parts)
      const keyAt = (row: number) => (old && row < old.length ? old.key(row) : task.train.key(row - (old?.length ?? 0)))
      const candidates = rowsByClass(pools, task.classesAfter)

      const herded = new Set(task.train.labels)
      const unitMeans = new Float32Array(task.classesAfter * width)
      const next = candidates.map((own, label) => {
        if (own.length === 0) throw new RangeError(`class ${label} has no training image to take an exemplar from`)
        const features = takeRows(rows, width, own)
        const picked = herded.has(label) ? herd(features, width, share) : own.map((_, i) => i)
        unitMeans.set(unitVector(meanOfRows(unitRows(features, width), width, picked)), label * width)
        return picked.map((i) => keyAt(own[i]!))
      })
      keys = next
      tidy(() => store.set('means', tensor2d(unitMeans, [task.classesAfter, width])))
    },

    nearestMean: (features) => nearestMeanScores(features, store.get('means') as Tensor2D),
    // Means are computed, not trained.
    variables: store.all,
    trainable: () => ({}),
    json: (): JsonValue => ({ exemplars: keys }),
    restore(tensors: NamedTensors, json: JsonValue | undefined) {
      keys = readKeys(json)
      store.restore(tensors)
    },
    dispose() {
      store.dispose()
      keys = []
    },
  }
}

/** The exemplars with their labels, class by class. */
function recallAll(
  keys: readonly (readonly string[])[],
  context: Pick<LearnContext, 'recall'>,
): LabeledImages | undefined {
  if (keys.length === 0) return undefined
  return context.recall(
    keys.flat(),
    keys.flatMap((own, label) => own.map(() => label)),
  )
}

async function readFeatures(
  images: LabeledImages,
  extractor: FeatureExtractor,
  context: LearnContext,
): Promise<Float32Array> {
  const features = await context.features.extract(images, extractor, { signal: context.signal })
  const values = (await features.data()) as Float32Array
  features.dispose()
  return values
}

function concatRows(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

function takeRows(rows: Float32Array, width: number, picked: readonly number[]): Float32Array {
  const taken = new Float32Array(picked.length * width)
  picked.forEach((row, i) => taken.set(rows.subarray(row * width, (row + 1) * width), i * width))
  return taken
}

/** Rows of each class in the concatenation of the pools. */
function rowsByClass(pools: readonly LabeledImages[], classes: number): number[][] {
  const rows = Array.from({ length: classes }, (): number[] => [])
  let start = 0
  for (const { labels, length } of pools) {
    labels.forEach((label, position) => rows[label]?.push(start + position))
    start += length
  }
  return rows
}

function readKeys(json: JsonValue | undefined): string[][] {
  const exemplars = json && typeof json === 'object' && 'exemplars' in json ? json.exemplars : undefined
  const isText = (value: JsonValue): value is string => typeof value === 'string'
  if (!Array.isArray(exemplars) || !exemplars.every((own) => Array.isArray(own) && own.every(isText)))
    throw new TypeError('the saved exemplar memory is damaged: `exemplars` must be a list of lists of keys')
  return (exemplars as string[][]).map((own) => [...own])
}
