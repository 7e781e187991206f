import type { Dataset } from '../dataset/dataset'
import { assertInteger } from '../errors/assert-option'
import { StreamOptionError } from '../errors/stream-option-error'
import type { ImageSupply } from '../views/labeled-images'
import { classOrderOf } from './class-order'
import type { ClassOrderOptions } from './class-order'
import { indicesByClass } from './indices-by-class'
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
 * @throws StreamOptionError when the dataset has too few classes; DataError when a class has no images
 */
export function classIncremental(dataset: Dataset, options: ClassIncrementalOptions): Stream {
  return splitByClass('class-incremental', dataset, options)
}

/** Sizes of the tasks: the base, then increments, and what is left (PILOT's data manager). */
export function taskSizes(classes: number, baseClasses: number | undefined, increment: number): number[] {
  assertInteger('increment', increment, 1, 'classes per task')
  if (baseClasses !== undefined) assertInteger('baseClasses', baseClasses, 0, '0: as many as increment')
  const [option, base] = baseClasses ? (['baseClasses', baseClasses] as const) : (['increment', increment] as const)
  if (base > classes)
    throw new StreamOptionError(option, base, `Not enough classes: ${option} is ${base}, but there are only ${classes}`)
  const sizes = [base]
  for (let left = classes - base; left > 0; left -= increment) sizes.push(Math.min(increment, left))
  return sizes
}

/** @param choose which training images of each class of the dataset are taken; by default all */
export function splitByClass(
  scenario: Scenario,
  dataset: Dataset,
  options: ClassIncrementalOptions,
  choose: (classOrder: readonly number[]) => readonly (readonly number[])[] = (classOrder) =>
    indicesByClass(dataset, 'train', classOrder),
): Stream {
  const classOrder = classOrderOf(dataset, options)
  const sizes = taskSizes(classOrder.length, options.baseClasses, options.increment)
  const train = choose(classOrder)
  const test = indicesByClass(dataset, 'test', classOrder)
  let first = 0
  const tasks = sizes.map((size) => {
    const classes = classOrder.slice(first, first + size)
    first += size
    return { train: classes.flatMap((raw) => train[raw]!), test: classes.flatMap((raw) => test[raw]!) }
  })
  return defineStream({ ...options, seed: options.seed ?? 1993, dataset, scenario, classOrder, tasks })
}
