import { createRng } from '@pilotjs/core/random'
import type { Dataset } from '../dataset/dataset'
import { assertInteger } from '../errors/assert-option'
import { taskSizes } from './class-incremental'
import type { ClassIncrementalOptions } from './class-incremental'
import { classOrderOf } from './class-order'
import { indicesByClass } from './indices-by-class'
import type { Stream } from './stream'
import { streamOfParts } from './stream-of-parts'

export interface OnlineOptions extends ClassIncrementalOptions {
  /** Images that come together. Default 10. */
  readonly batchSize?: number
  /** Batches from one evaluation to the next: so many make one task of this stream. Default 1. */
  readonly evaluateEvery?: number
}

/** A stream in one pass. */
export interface OnlineStream extends Stream {
  /** Images that come together; a task of the stream holds `evaluateEvery` times as many, the last of a session what is left. */
  readonly batchSize: number
  /** For every task of this stream, the task of the class-incremental stream that its images come from. */
  readonly sessions: readonly number[]
}

/**
 * Online class-incremental learning: the images of each class-incremental task come once, in a random order, in small batches,
 * with no sign where one task ends and the next begins. What lies between two evaluations is one task of this stream, with the
 * classes that it happens to hold: they may have come before. Accuracy is over all classes met so far; its mean over the stream's
 * tasks is the average anytime accuracy.
 *
 * Soutif-Cormerais, Carta, Cossu, Hurtado, Hemati, Lomonaco, van de Weijer, "A Comprehensive Empirical Evaluation on Online
 * Continual Learning", ICCV Workshops 2023; any-time inference: Koh et al., ICLR 2022. Tune on a part of the training images
 * (`stratifiedSplit`), never on the test images.
 * @throws StreamOptionError as `classIncremental` does
 */
export function online(dataset: Dataset, options: OnlineOptions): OnlineStream {
  const { batchSize = 10, evaluateEvery = 1, seed = 1993 } = options
  assertInteger('batchSize', batchSize, 1, 'images that come together')
  assertInteger('evaluateEvery', evaluateEvery, 1, 'batches from one evaluation to the next')
  const order = classOrderOf(dataset, options)
  const images = indicesByClass(dataset, 'train', order)
  const parts: number[][] = []
  const sessions: number[] = []
  let first = 0
  taskSizes(order.length, options.baseClasses, options.increment).forEach((size, session) => {
    const own = order.slice(first, first + size).flatMap((raw) => images[raw]!)
    first += size
    const places = createRng(seed).fork('online', session).permutation(own.length)
    for (let start = 0; start < own.length; start += batchSize * evaluateEvery) {
      parts.push(Array.from(places.subarray(start, start + batchSize * evaluateEvery), (place) => own[place]!))
      sessions.push(session)
    }
  })
  return { ...streamOfParts(dataset, 'online', parts, { ...options, seed }), batchSize, sessions }
}
