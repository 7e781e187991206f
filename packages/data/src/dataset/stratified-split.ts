import { createRng } from '@pilotjs/core/random'
import { StreamOptionError } from '../errors/stream-option-error'
import type { ImageSource } from './dataset'
import { subset } from './subset'

export interface SplitOptions {
  /** Part of each class (of each domain, where there are domains) that is kept to test with. */
  readonly testFraction: number
  /** Default 1993. */
  readonly seed?: number
}

/**
 * Divides images into those to train on and those to test with, class by class and domain by domain: of every two images or more,
 * at least one goes to either side. What a class's images become depends on seed, class and domain alone, not on the other
 * classes.
 * @param classNames by label
 * @throws StreamOptionError on a fraction that is not between 0 and 1
 */
export function stratifiedSplit(
  source: ImageSource,
  classNames: readonly string[],
  options: SplitOptions,
): { readonly train: ImageSource; readonly test: ImageSource } {
  const { testFraction, seed = 1993 } = options
  if (!(testFraction > 0 && testFraction < 1)) {
    throw new StreamOptionError(
      'testFraction',
      testFraction,
      `testFraction must lie between 0 and 1, got ${testFraction}`,
    )
  }
  const strata = new Map<string, number[]>()
  source.labels.forEach((label, index) => {
    const name = `${label} ${source.domains?.[index] ?? 0}`
    const stratum = strata.get(name)
    if (stratum) stratum.push(index)
    else strata.set(name, [index])
  })
  const toTest = new Set<number>()
  for (const [name, indices] of strata) {
    const [label, domain] = name.split(' ').map(Number) as [number, number]
    const count = Math.min(indices.length - 1, Math.max(1, Math.round(indices.length * testFraction)))
    const order = createRng(seed).fork('split', classNames[label]!, domain).permutation(indices.length)
    for (const place of order.subarray(0, count)) toTest.add(indices[place]!)
  }
  const all = Array.from({ length: source.length }, (_, index) => index)
  return {
    train: subset(
      source,
      all.filter((index) => !toTest.has(index)),
    ),
    test: subset(
      source,
      all.filter((index) => toTest.has(index)),
    ),
  }
}
