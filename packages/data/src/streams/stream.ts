import type { LabeledImages, StreamPlan, Task } from '@pilotjs/core'
import { assertDataset } from '../dataset/dataset'
import type { Dataset, ImageSource } from '../dataset/dataset'
import { inProcessLoader } from '../loader/image-loader'
import { labeledImages } from '../views/labeled-images'
import type { ImageSupply } from '../views/labeled-images'

/** What changes from task to task. */
export type Scenario = 'class-incremental' | 'domain-incremental' | 'task-incremental' | 'generalised' | 'online'

/** Where tasks need not bring new classes, their test images are those of the classes that they bring first, if any. */
const mayLackTests = new Set<Scenario>(['generalised', 'online'])

/** The ordered tasks of one experiment. */
export interface Stream {
  readonly scenario: Scenario
  readonly tasks: readonly Task[]
  readonly plan: StreamPlan
  /** By label, in stream order. */
  readonly classNames: readonly string[]
  /** Test images of one task; labels in stream order. */
  test(task: number): LabeledImages
  /** Test images of all tasks up to and with this one. */
  seenTest(task: number): LabeledImages
  /** Training images by key, from any task: how exemplars come back. @throws RangeError on a key that names none */
  recall(keys: readonly string[], labels: ArrayLike<number>): LabeledImages
}

export interface StreamDefinition extends ImageSupply {
  readonly dataset: Dataset
  readonly scenario: Scenario
  /** Which class of the dataset stands at each label; the stream has these classes only. */
  readonly classOrder: readonly number[]
  /** Positions in the dataset's splits, task by task. Classes that a task is first to bring must continue the labels' count. */
  readonly tasks: readonly { readonly train: ArrayLike<number>; readonly test: ArrayLike<number> }[]
}

/**
 * A stream from lists of images: what every splitter ends in, and where one of your own begins.
 * @throws RangeError on a task without training or test images, on an image whose class is not in `classOrder`, and on labels
 *   that skip
 */
export function defineStream(definition: StreamDefinition): Stream {
  const { dataset, scenario, classOrder } = definition
  assertDataset(dataset)
  const labelOf = labelsByClass(dataset, classOrder)
  // One loader for all views, so that their reads queue up together.
  const supply: ImageSupply = { ...definition, loader: definition.loader ?? inProcessLoader() }
  const view = (source: ImageSource, indices: ArrayLike<number>, what: string, mayBeEmpty = false) => {
    const labels = Int32Array.from(indices, (index) => labelOf[source.labels[index] ?? -1] ?? -1)
    const stray = labels.indexOf(-1)
    if (stray >= 0) throw new RangeError(`${what}: image ${indices[stray]} is of no class of the stream`)
    if (labels.length === 0 && !mayBeEmpty) throw new RangeError(`${what} has no images`)
    return labeledImages(source, indices, labels, supply)
  }

  let known = 0
  const tests: LabeledImages[] = []
  const tasks = definition.tasks.map((own, index): Task => {
    const where = `Dataset '${dataset.name}', task ${index}`
    const train = view(dataset.train, own.train, `${where}, training`)
    tests.push(view(dataset.test, own.test, `${where}, test`, mayLackTests.has(scenario)))
    const classes = [...new Set(train.labels)].sort((a, b) => a - b)
    const classesAfter = Math.max(known, classes.at(-1)! + 1)
    const fresh = classes.filter((label) => label >= known)
    if (fresh.length !== classesAfter - known) {
      throw new RangeError(`${where}: new labels must continue at ${known} without a gap, got ${fresh.join(', ')}`)
    }
    const task = { index, classes, classesBefore: known, classesAfter, train }
    known = classesAfter
    return task
  })
  if (known !== classOrder.length) {
    throw new RangeError(
      `Dataset '${dataset.name}': the tasks bring ${known} classes, the class order has ${classOrder.length}`,
    )
  }

  const test = (task: number) => {
    const images = tests[task]
    if (!images)
      throw new RangeError(`There is no task ${task}: the stream has ${tasks.length} (0 … ${tasks.length - 1})`)
    return images
  }
  let positions: Map<string, number> | undefined
  return {
    scenario,
    tasks,
    plan: {
      totalClasses: known,
      baseClasses: tasks[0]!.classesAfter,
      increment: tasks[1] ? tasks[1].classesAfter - tasks[1].classesBefore : tasks[0]!.classesAfter,
    },
    classNames: classOrder.map((raw) => dataset.classNames[raw]!),
    test,
    seenTest: (task) => {
      test(task)
      return tests.slice(1, task + 1).reduce((seen, next) => seen.concat(next), tests[0]!)
    },
    recall(keys, labels) {
      positions ??= new Map(Array.from({ length: dataset.train.length }, (_, i) => [dataset.train.key(i), i]))
      const indices = keys.map((key) => {
        const index = positions!.get(key)
        if (index === undefined) {
          throw new RangeError(
            `Dataset '${dataset.name}' has no training image '${key}'; was the run made with another dataset?`,
          )
        }
        return index
      })
      return labeledImages(dataset.train, indices, labels, supply)
    },
  }
}

function labelsByClass({ name, classNames }: Dataset, classOrder: readonly number[]): Int32Array {
  const labelOf = new Int32Array(classNames.length).fill(-1)
  if (classOrder.length === 0) throw new RangeError(`Dataset '${name}': a stream needs at least one class`)
  classOrder.forEach((raw, label) => {
    if (!(Number.isInteger(raw) && raw >= 0 && raw < classNames.length)) {
      throw new RangeError(`classOrder: ${raw} is no class of dataset '${name}', which has ${classNames.length}`)
    }
    if (labelOf[raw] !== -1) throw new RangeError(`classOrder: class ${raw} stands twice`)
    labelOf[raw] = label
  })
  return labelOf
}
