import * as tf from '@tensorflow/tfjs-core'
import type { Variable } from '@tensorflow/tfjs-core'

/**
 * Moves averages a step after what they follow: average ← decay·average + (1 − decay)·value. Inside `tf.tidy`.
 * @param averages as many as values, of the same shapes and in the same order
 * @param decay 0 (a copy) up to 1 (stands still)
 */
export function followWithDecay(averages: readonly Variable[], values: readonly Variable[], decay: number): void {
  if (averages.length !== values.length)
    throw new RangeError(`${averages.length} averages cannot follow ${values.length} values`)
  averages.forEach((average, i) => {
    const value = values[i]!
    if (!tf.util.arraysEqual(average.shape, value.shape))
      throw new RangeError(`an average [${average.shape.join(', ')}] cannot follow a value [${value.shape.join(', ')}]`)
    average.assign(tf.add(tf.mul(average, decay), tf.mul(value, 1 - decay)))
  })
}
