import type { Task } from '@pilotjs/core'
import { concat, ones, pad, tidy } from '@tensorflow/tfjs-core'
import type { Rank, Tensor2D } from '@tensorflow/tfjs-core'

/**
 * 0 where a new class would read the old extractor's features, 1 elsewhere: what a head's weight and its gradient are multiplied
 * by.
 * @param width of one extractor
 * @returns [classes, 2 · width]; the caller's to dispose
 */
export const oldFeatureMask = ({ classesBefore, classesAfter }: Task, width: number): Tensor2D =>
  tidy(() => {
    const oldFeatures = pad(ones<Rank.R2>([classesBefore, width]), [
      [0, classesAfter - classesBefore],
      [0, 0],
    ])
    return concat([oldFeatures, ones<Rank.R2>([classesAfter, width])], 1)
  })
