import { defineStream, type Dataset, type Stream, type Transforms } from '@pilotjs/data'

export interface ThemeOptions {
  /** Class names by theme; the themes are the tasks, in this order. */
  readonly themes: Readonly<Record<string, readonly string[]>>
  readonly transforms: Transforms
  readonly seed?: number
}

/**
 * A stream whose tasks are themes: animals, then food, then vehicles. A splitter is a function that says which class stands
 * at which label and which images each task has; `defineStream` does the rest.
 * @throws RangeError on a class that the dataset doesn't have
 */
export function byTheme(dataset: Dataset, { themes, transforms, seed = 1993 }: ThemeOptions): Stream {
  const rawClass = (name: string) => {
    const raw = dataset.classNames.indexOf(name)
    if (raw < 0) throw new RangeError(`themes: dataset '${dataset.name}' has no class '${name}'`)
    return raw
  }
  const tasks = Object.values(themes).map((names) => names.map(rawClass))
  const imagesOf = (labels: Int32Array, classes: readonly number[]) =>
    classes.flatMap((raw) => [...labels.keys()].filter((image) => labels[image] === raw))

  return defineStream({
    dataset,
    scenario: 'class-incremental',
    classOrder: tasks.flat(),
    tasks: tasks.map((classes) => ({
      train: imagesOf(dataset.train.labels, classes),
      test: imagesOf(dataset.test.labels, classes),
    })),
    transforms,
    seed,
  })
}
