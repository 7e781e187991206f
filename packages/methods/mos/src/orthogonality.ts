import { crossEntropy } from '@pilotjs/core/ops'
import { concat, div, matMul, range } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'

/** How sharply a row tells itself from others, in MOS's code. */
const temperature = 0.8

/**
 * Asks of every image's features, and of every earlier class' mean, to be more like itself than like any other: cross-entropy of
 * the rows' products with each other.
 * @param features [batch, width]
 * @param means [classes, width] of earlier classes; nothing is differentiated through them
 */
export function orthogonality(features: Tensor2D, means: Tensor2D | undefined): Scalar {
  const rows = means ? concat([means, features]) : features
  const count = rows.shape[0]
  return crossEntropy(div(matMul(rows, rows, false, true), temperature), range(0, count, 1, 'int32') as Tensor1D)
}
