import { createRng } from '@pilotjs/core/random'
import type { Dataset } from '../dataset/dataset'
import { assertInteger } from '../errors/assert-option'
import { StreamOptionError } from '../errors/stream-option-error'
import { indicesByClass } from './indices-by-class'
import { splitByClass } from './class-incremental'
import type { ClassIncrementalOptions } from './class-incremental'
import type { Stream } from './stream'

export interface FewShotOptions extends ClassIncrementalOptions {
  /** Classes of the base session, which keeps all its images. */
  readonly baseClasses: number
  /** Classes of every later session ("ways"). */
  readonly increment: number
  /** Training images of each class after the base session. Default 5. */
  readonly shots?: number
}

/**
 * Few-shot class-incremental learning: a base session with all its images, then sessions of few classes with few images each.
 * Test images stay all. Which images of a class are taken depends on seed and class alone.
 *
 * Tao, Hong, Chang, Dong, Wei, Gong, "Few-Shot Class-Incremental Learning", CVPR 2020 (CIFAR-100: 60 base classes, then 5 classes
 * of 5 images; CUB: 100, then 10 of 5).
 * @throws StreamOptionError when a class after the base session has fewer images than `shots`
 */
export function fewShot(dataset: Dataset, options: FewShotOptions): Stream {
  const { baseClasses, shots = 5, seed = 1993 } = options
  assertInteger('shots', shots, 1, 'training images of each class after the base session')
  assertInteger('baseClasses', baseClasses, 1, 'classes of the base session')
  return splitByClass('class-incremental', dataset, options, (classOrder) => {
    const images = indicesByClass(dataset, 'train', classOrder)
    const base = new Set(classOrder.slice(0, baseClasses))
    return images.map((own, raw) => {
      if (base.has(raw) || !classOrder.includes(raw)) return own
      const name = dataset.classNames[raw]!
      if (own.length < shots) {
        const message = `shots is ${shots}, but class '${name}' has only ${own.length} training images`
        throw new StreamOptionError('shots', shots, message)
      }
      const places = createRng(seed).fork('shots', name).permutation(own.length).subarray(0, shots)
      return Array.from(places.sort(), (place) => own[place]!)
    })
  })
}
