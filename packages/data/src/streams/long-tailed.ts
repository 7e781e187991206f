import { createRng } from '@pilotjs/core/random'
import type { Dataset } from '../dataset/dataset'
import { subset } from '../dataset/subset'
import { StreamOptionError } from '../errors/stream-option-error'
import { classOrderOf } from './class-order'
import type { ClassOrderOptions } from './class-order'

export interface LongTailedOptions extends ClassOrderOptions {
  /** Images of the smallest class over those of the largest. Default 0.01. */
  readonly ratio?: number
  /**
   * `ordered`: classes shrink in the order in which they are learned (give the class order's options that the splitter gets);
   * `shuffled`: in a random one. Default `shuffled`.
   */
  readonly arrangement?: 'ordered' | 'shuffled'
}

/**
 * A dataset whose classes have exponentially fewer training images: the class of rank c of C keeps n · ratio^(c / (C − 1)) of
 * them, rounded down, at least one, where n is the size of the largest class (a smaller class keeps what it has, if that is
 * less). Test images stay. Which images of a class are kept depends on seed and class alone.
 *
 * Liu, Hu, Cao, Cai, Bagdanov, Chellappa, Cheng, Cai, Yang, "Long-Tailed Class Incremental Learning", ECCV 2022; the exponential
 * profile: Cui, Jia, Lin, Song, Belongie, "Class-Balanced Loss Based on Effective Number of Samples", CVPR 2019.
 * @example classIncremental(longTailed(dataset, { ratio: 0.01 }), { increment: 10, transforms })
 * @throws StreamOptionError on a ratio that is not above 0 and at most 1
 */
export function longTailed(dataset: Dataset, options: LongTailedOptions = {}): Dataset {
  const { ratio = 0.01, arrangement = 'shuffled', seed = 1993 } = options
  if (!(ratio > 0 && ratio <= 1)) {
    const meaning = 'images of the smallest class over those of the largest'
    throw new StreamOptionError('ratio', ratio, `ratio (${meaning}) must be above 0 and at most 1, got ${ratio}`)
  }
  const classes = dataset.classNames.length
  const rng = createRng(seed).fork('long-tailed')
  const order = arrangement === 'ordered' ? classOrderOf(dataset, options) : Array.from(rng.permutation(classes))
  const byClass = dataset.classNames.map((): number[] => [])
  dataset.train.labels.forEach((raw, index) => byClass[raw]!.push(index))
  const largest = Math.max(...byClass.map(({ length }) => length))
  const kept = order.flatMap((raw, rank) => {
    // A little more before rounding down, so that 500 · 0.01 is 5 in floating point too.
    const wanted = Math.floor(largest * ratio ** (rank / Math.max(1, order.length - 1)) + 1e-9)
    const own = byClass[raw]!
    const places = rng.fork(dataset.classNames[raw]!).permutation(own.length).subarray(0, Math.max(1, wanted))
    return Array.from(places, (place) => own[place]!)
  })
  return {
    ...dataset,
    reading: undefined,
    train: subset(
      dataset.train,
      kept.sort((a, b) => a - b),
    ),
  }
}
