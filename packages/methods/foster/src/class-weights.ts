import { effectiveNumberWeights } from '@pilotjs/core/ops'
import type { LabeledImages, Task } from '@pilotjs/core'
import { tensor1d } from '@tensorflow/tfjs-core'
import type { Tensor1D } from '@tensorflow/tfjs-core'

export interface ClassWeights {
  /** See `effectiveNumberWeights`. */
  readonly beta: number
  /**
   * What stands for the number of a new class' images: that number; or, as PILOT's `getlen` has it, the sum of their positions
   * among all training images (`np.sum(np.where(labels == class))`), which makes nearly all new classes weigh alike.
   */
  readonly countBy: 'images' | 'positions'
  /** Training images of earlier tasks: where this task's positions begin. */
  readonly before: number
}

/**
 * Weights of all classes by their images in this task, exemplars included.
 * @param images the task's own, followed by the exemplars
 * @returns [classes]; the caller's to dispose
 */
export function classWeights(task: Task, images: LabeledImages, options: ClassWeights): Tensor1D {
  const counts = new Float64Array(task.classesAfter)
  images.labels.forEach((label, position) => {
    const byPosition = options.countBy === 'positions' && label >= task.classesBefore
    counts[label]! += byPosition ? options.before + position : 1
  })
  return tensor1d(effectiveNumberWeights(counts, options.beta))
}
