import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core'

/** Keys' cubic convolution kernel with a = −0.5. */
function cubic(x: number): number {
  const a = -0.5
  const d = Math.abs(x)
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1
  if (d < 2) return (((d - 5) * d + 8) * d - 4) * a
  return 0
}

/**
 * Rows of weights that resample a line of `from` samples to `to`: bicubic, half-pixel centres, antialiased (the kernel
 * widens when there are fewer samples than before), edges renormalised, as torch's `interpolate(…, antialias=True)`.
 * @returns [to, from]
 */
export function bicubicWeights(from: number, to: number): number[][] {
  const scale = from / to
  const stretch = Math.max(scale, 1)
  const support = 2 * stretch
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale
    const first = Math.max(Math.trunc(centre - support + 0.5), 0)
    const last = Math.min(Math.trunc(centre + support + 0.5), from)
    const row = Array.from({ length: from }, (_, j) =>
      j >= first && j < last ? cubic((j - centre + 0.5) / stretch) : 0,
    )
    const total = row.reduce((sum, weight) => sum + weight, 0)
    return row.map((weight) => weight / total)
  })
}

/**
 * A position embedding for another grid of patches, as timm resamples it; the rows of prefix tokens stay.
 * @param embedding [1, prefix + patches, width], patches of a square grid
 * @param prefix rows that belong to no patch
 * @param grid patches along a side afterwards
 */
export function resizePositions(embedding: Tensor, prefix: number, grid: number): Tensor3D {
  const [, rows, width] = embedding.shape as [number, number, number]
  const before = Math.round(Math.sqrt(rows - prefix))
  if (before * before !== rows - prefix || before < 1) {
    throw new Error(
      `pos_embed: ${rows} rows are no square grid of patches after ${prefix} prefix rows; check positions, registers and classToken`,
    )
  }
  return tf.tidy(() => {
    const table = tf.reshape(embedding, [rows, width]) as Tensor2D
    const weights = tf.tensor2d(bicubicWeights(before, grid))
    const patches = tf.slice(table, [prefix, 0])
    const lines = tf.matMul(weights, tf.reshape(patches, [before, before * width]) as Tensor2D)
    const turned = tf.transpose(tf.reshape(lines, [grid, before, width]), [1, 0, 2])
    const points = tf.matMul(weights, tf.reshape(turned, [before, grid * width]) as Tensor2D)
    const resized = tf.reshape(tf.transpose(tf.reshape(points, [grid, grid, width]), [1, 0, 2]), [grid * grid, width])
    return tf.reshape(tf.concat([tf.slice(table, [0, 0], [prefix, width]), resized as Tensor2D], 0), [
      1,
      prefix + grid * grid,
      width,
    ])
  })
}
