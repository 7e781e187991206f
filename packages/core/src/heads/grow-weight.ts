import * as tf from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { shapeText } from '../ops/shapes'
import type { Rng } from '../random/rng'
import type { GrowOptions } from './head'
import { type Initialization, drawWeight } from './initialization'

export interface GrowWeight {
  /** What random numbers derive from, beside the size. */
  label: string
  old: Tensor2D | undefined
  classes: number
  width: number
  rows: NonNullable<GrowOptions['rows']>
  initialization: Initialization
  rng: Rng
}

/**
 * A head's weight for more classes or wider features: [classes, width] with the old values in its corner. What is drawn
 * depends on generator, label and size alone, not on how often the head has grown: a resumed run draws the same.
 */
export function growWeight({ label, old, classes, width, rows, initialization, rng }: GrowWeight): Tensor2D {
  const [oldClasses, oldWidth] = old?.shape ?? [0, width]
  if (classes < oldClasses || width < oldWidth) {
    throw new Error(`A head of ${shapeText([oldClasses, oldWidth])} cannot shrink to ${shapeText([classes, width])}`)
  }
  const draw = (height: number, wide: number, part: string): Tensor2D =>
    tf.tensor2d(drawWeight(initialization, height * wide, width, rng.fork(label, classes, width, part)), [height, wide])
  return tf.tidy(() => {
    const columns = () =>
      rows === 'zero'
        ? tf.zeros<tf.Rank.R2>([oldClasses, width - oldWidth])
        : draw(oldClasses, width - oldWidth, 'columns')
    const kept = old && width > oldWidth ? tf.concat([old, columns()], 1) : old
    if (classes === oldClasses) return kept ? tf.clone(kept) : tf.zeros([0, width])
    const added = newRows(classes - oldClasses)
    return kept ? tf.concat([kept, added], 0) : added
  })

  function newRows(count: number): Tensor2D {
    if (rows === 'zero') return tf.zeros([count, width])
    if (rows === 'random') return draw(count, width, 'rows')
    if (rows.shape[0] === count && rows.shape[1] === width) return tf.clone(rows)
    throw new Error(`A head needs new rows ${shapeText([count, width])}, got ${shapeText(rows.shape)}`)
  }
}
