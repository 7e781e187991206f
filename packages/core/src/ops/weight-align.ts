import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs-core'

/**
 * A classifier's weight with the rows of new classes scaled so that they are, on average, as long as those of old ones (weight
 * aligning, Zhao et al., CVPR 2020, https://arxiv.org/abs/1911.07053).
 * @param weight [classes, width]
 * @param known how many classes are old
 * @param share what part of that length new rows get. Default 1.
 */
export function alignNewRows(weight: Tensor2D, known: number, share = 1): Tensor2D {
  const classes = weight.shape[0]
  if (!(known > 0 && known < classes))
    throw new RangeError(`alignNewRows: of ${classes} classes ${known} are old; some must be, and some must not`)
  return tf.tidy(() => {
    const rows = (first: number, count: number) => tf.slice(weight, [first, 0], [count, -1])
    const meanLength = (of: Tensor2D) => tf.mean(tf.sqrt(tf.sum(tf.square(of), 1)) as Tensor) as Scalar
    const [old, fresh] = [rows(0, known), rows(known, classes - known)]
    const factor = tf.mul(tf.div(meanLength(old), meanLength(fresh)), share)
    return tf.concat([old, tf.mul<Tensor2D>(fresh, factor)], 0)
  })
}
