import { numpyPermutation } from '@pilotjs/core/random'
import type { Dataset } from '../dataset/dataset'

export interface ClassOrderOptions {
  /** Draw the class order from `seed`, as PILOT does (numpy's legacy permutation). Default true; else the dataset's own order. */
  readonly shuffle?: boolean
  /** The order itself: which class of the dataset stands at each label. Outdoes `shuffle`; may leave classes out. */
  readonly classOrder?: readonly number[]
  /** Of class order and augmentation. Default 1993, PILOT's. */
  readonly seed?: number
}

/** The class order that the options ask for. */
export function classOrderOf(
  dataset: Dataset,
  { shuffle = true, classOrder, seed = 1993 }: ClassOrderOptions,
): readonly number[] {
  if (classOrder) return classOrder
  const { length } = dataset.classNames
  return shuffle ? Array.from(numpyPermutation(seed, length)) : Array.from({ length }, (_, i) => i)
}
