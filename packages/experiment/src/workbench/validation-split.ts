import type { Dataset } from '@pilotjs/data'
import { stratifiedSplit } from '@pilotjs/data'

/** Which part of the training images stands in for the test images. */
export interface ValidationSplit {
  /** Of each class (of each domain, where there are domains). */
  readonly fraction: number
  readonly seed: number
}

/**
 * A dataset whose test images are a part of the training images, and whose training images are the others: what options are
 * chosen on. Nothing of the dataset's own test images is kept: not their pixels, keys or number.
 */
export function validationSplit(dataset: Dataset, { fraction, seed }: ValidationSplit): Dataset {
  const { name, classNames, domains } = dataset
  return { name, classNames, domains, ...stratifiedSplit(dataset.train, classNames, { testFraction: fraction, seed }) }
}
