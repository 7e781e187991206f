import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import { numbersDrawn } from '../random/draw-count'

/** Of the numbers drawn so far, those that `renewed` drew. */
let drawnAnew = 0
/** How many calls of `make` are under way. */
let making = 0

/** Numbers drawn outside of `renewed`: a step during which this grows is another one every time. */
export const numbersDrawnOnce = (): number => numbersDrawn() - drawnAnew

/** Whether `renewed` is making numbers: what it reads then, it will read again for every step. */
export const isRenewing = (): boolean => making > 0

/**
 * A tensor of numbers that change from training step to training step, although they come from neither batch nor variables: a
 * mask that is drawn, a learning rate. Engines that replay steps call `make` for every step, in the order in which the first
 * steps did; for others this is `tf.tensor`.
 * @param make gives a new array every time, with the step's learning rate, position and random numbers as they are then
 * @param shape of the array that it gives
 */
export function renewed(make: () => Float32Array, shape: number[]): Tensor {
  const engine = tf.backend() as { renewed?(make: () => Float32Array, shape: number[]): Tensor }
  const counted = () => {
    const before = numbersDrawn()
    making++
    try {
      return make()
    } finally {
      making--
      drawnAnew += numbersDrawn() - before
    }
  }
  return engine.renewed ? engine.renewed(counted, shape) : tf.tensor(counted(), shape)
}

/** One number of this kind. */
export const renewedScalar = (make: () => number): Scalar => renewed(() => Float32Array.of(make()), []) as Scalar
