import { tensor2d } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'

/**
 * [labels, classes]: one where a label is the class.
 * @throws RangeError for a label outside 0 … classes − 1
 */
export function oneHotLabels(labels: ArrayLike<number>, classes: number): Tensor2D {
  const values = new Float32Array(labels.length * classes)
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!
    if (!(label >= 0 && label < classes)) throw new RangeError(`label ${label} is none of ${classes} classes`)
    values[i * classes + label] = 1
  }
  return tensor2d(values, [labels.length, classes])
}

/** Checks that there is one label a row. */
export function checkLabels(rows: number, labels: ArrayLike<number>): void {
  if (labels.length !== rows) throw new RangeError(`${labels.length} labels for ${rows} rows of features`)
}
