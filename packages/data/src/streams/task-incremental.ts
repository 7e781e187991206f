import type { Dataset } from '../dataset/dataset'
import { splitByClass } from './class-incremental'
import type { ClassIncrementalOptions } from './class-incremental'
import type { Stream } from './stream'

/**
 * Task-incremental learning: tasks as in `classIncremental`, but a test image comes with its task, so that scores are compared
 * among that task's classes only (the evaluation does, by the stream's scenario).
 * @throws RangeError when the dataset has too few classes or a class has no images
 */
export function taskIncremental(dataset: Dataset, options: ClassIncrementalOptions): Stream {
  return splitByClass('task-incremental', dataset, options)
}
