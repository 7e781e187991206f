import { StreamOptionError } from '../errors/stream-option-error'
import type { Dataset, ImageSource } from '../dataset/dataset'
import type { ImageSupply } from '../views/labeled-images'
import { classOrderOf } from './class-order'
import type { ClassOrderOptions } from './class-order'
import { defineStream } from './stream'
import type { Scenario, Stream } from './stream'

export interface ClassIncrementalOptions extends Omit<ImageSupply, 'seed'>, ClassOrderOptions {
  /** Classes of the first task (m of `B-m Inc-n`). Default, and for 0: as many as `increment`. */
  readonly baseClasses?: number
  /** Classes of every later task; the last task takes the rest. */
  readonly increment: number
}

/**
 * Class-incremental learning, B-m Inc-n: every task brings new classes.
 * @example classIncremental(dataset, { increment: 10, transforms: transformsFor(backbone.preprocessing) })
 * @throws RangeError when the dataset has too few classes or a class has no images
 */
export function classIncremental(dataset: Dataset, options: ClassIncrementalOptions): Stream {
  return splitByClass('class-incremental', dataset, options)
}

/** Sizes of the tasks: the base, then increments, and what is left (PILOT's data manager). */
export function taskSizes(classes: number, baseClasses: number | undefined, increment: number): number[] {
  if (!Number.isInteger(increment) || increment < 1) {
    throw new StreamOptionError(
      'increment',
      increment,
      `increment (classes per task) must be a positive integer, got ${increment}`,
    )
  }
  if (baseClasses !== undefined && !(Number.isInteger(baseClasses) && baseClasses >= 0)) {
    throw new StreamOptionError(
      'baseClasses',
      baseClasses,
      `baseClasses must be an integer of at least 0 (0: as many as increment), got ${baseClasses}`,
    )
  }
  const [option, base] = baseClasses ? (['baseClasses', baseClasses] as const) : (['increment', increment] as const)
  if (base > classes)
    throw new StreamOptionError(option, base, `Not enough classes: ${option} is ${base}, but there are only ${classes}`)
  const sizes = [base]
  for (let left = classes - base; left > 0; left -= increment) sizes.push(Math.min(increment, left))
  return sizes
}

export function splitByClass(scenario: Scenario, dataset: Dataset, options: ClassIncrementalOptions): Stream {
  const classOrder = classOrderOf(dataset, options)
  const train = indicesByClass(dataset, 'train', classOrder)
  const test = indicesByClass(dataset, 'test', classOrder)
  let first = 0
  const tasks = taskSizes(classOrder.length, options.baseClasses, options.increment).map((size) => {
    const classes = classOrder.slice(first, first + size)
    first += size
    return { train: classes.flatMap((raw) => train[raw]!), test: classes.flatMap((raw) => test[raw]!) }
  })
  return defineStream({ ...options, seed: options.seed ?? 1993, dataset, scenario, classOrder, tasks })
}

/** Image positions by class of the dataset, in the split's own order. */
function indicesByClass(dataset: Dataset, split: 'train' | 'test', classOrder: readonly number[]): number[][] {
  const { labels }: ImageSource = dataset[split]
  const indices: number[][] = dataset.classNames.map(() => [])
  labels.forEach((raw, index) => indices[raw]?.push(index))
  const empty = classOrder.find((raw) => indices[raw]?.length === 0)
  if (empty !== undefined) {
    throw new RangeError(`Dataset '${dataset.name}': class '${dataset.classNames[empty]}' has no ${split} images`)
  }
  return indices
}
