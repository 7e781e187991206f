import type { Dataset, ImageSource } from '@pilotjs/data'
import { subset } from '@pilotjs/data'

export interface ImagesPerClass {
  /** Training images of each class; all where it is left out. */
  readonly train?: number
  /** Test images of each class; all where it is left out. */
  readonly test?: number
}

/** A dataset with fewer images: so many of each class, spread evenly over what there is, the same every time. */
export function limitDataset(dataset: Dataset, { train, test }: ImagesPerClass): Dataset {
  return {
    ...dataset,
    train: train === undefined ? dataset.train : limitSource(dataset.train, train),
    test: test === undefined ? dataset.test : limitSource(dataset.test, test),
  }
}

function limitSource(source: ImageSource, perClass: number): ImageSource {
  const byClass = new Map<number, number[]>()
  for (const [index, label] of source.labels.entries()) {
    const own = byClass.get(label)
    if (own) own.push(index)
    else byClass.set(label, [index])
  }
  const kept = [...byClass.values()].flatMap((own) => spread(own, perClass)).sort((a, b) => a - b)
  return subset(source, kept)
}

/** `count` of the values at equal distances; all where there are no more. */
const spread = (values: readonly number[], count: number): readonly number[] =>
  values.length <= count
    ? values
    : Array.from({ length: count }, (_, i) => values[Math.floor((i * values.length) / count)]!)
