import * as tf from '@tensorflow/tfjs-core'
import type { Rng } from '@pilotjs/core/random'
import { renewed } from '@pilotjs/core/training'
import type { Tensor } from '@tensorflow/tfjs-core'

/**
 * Zeroes each number with probability `rate` and scales the others by 1 / (1 − rate) (Srivastava et al., JMLR 2014).
 * The mask comes from `rng`, so that a seed fixes it on every engine.
 * @param rate 0 (nothing happens) up to, but not including, 1
 */
export function dropout<T extends Tensor>(x: T, rate: number, rng: Rng): T {
  if (!(rate >= 0 && rate < 1)) throw new RangeError(`dropout: rate must be in [0, 1), got ${rate}`)
  if (rate === 0) return x
  const { size, shape } = x
  const draw = () => {
    const mask = new Float32Array(size).fill(1 / (1 - rate))
    // The gaps between dropped numbers are geometric: far fewer draws than one a number.
    const keepLog = Math.log1p(-rate)
    const gap = () => Math.floor(Math.log(1 - rng.uniform()) / keepLog)
    for (let i = gap(); i < mask.length; i += 1 + gap()) mask[i] = 0
    return mask
  }
  return tf.mul(x, renewed(draw, shape))
}
