import * as tf from '@tensorflow/tfjs-core'
import type { NamedVariables } from '../contracts/tensors'

/**
 * Moves averages a step after what they follow: average ← decay·average + (1 − decay)·value. Inside `tf.tidy`.
 * @param values of the same names and shapes
 * @param decay 0 (a copy) up to 1 (stands still)
 */
export function followWithDecay(averages: NamedVariables, values: NamedVariables, decay: number): void {
  for (const [name, average] of Object.entries(averages)) {
    const value = values[name]
    if (!value) throw new RangeError(`the average of '${name}' has nothing to follow`)
    if (!tf.util.arraysEqual(average.shape, value.shape))
      throw new RangeError(
        `the average of '${name}' [${average.shape.join(', ')}] cannot follow a value [${value.shape.join(', ')}]`,
      )
    average.assign(tf.add(tf.mul(average, decay), tf.mul(value, 1 - decay)))
  }
}
