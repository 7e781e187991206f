import * as tf from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import { differentiable } from './differentiable'

/** The same value, that nothing is differentiated through: torch's `detach`. What it comes from gets a gradient of zeros. */
export function detach<T extends Tensor>(x: T): T {
  return differentiable({
    inputs: { x },
    forward: () => tf.clone(x),
    backward: () => ({ x: () => tf.zerosLike(x) }),
  })
}

/**
 * `value`, with the gradient of `x`: what is computed from it moves x as if nothing had come between (a straight-through
 * estimator, Bengio et al., arXiv:1308.3432).
 * @param value of the shape of x
 */
export function straightThrough<T extends Tensor>(x: T, value: T): T {
  return differentiable({
    inputs: { x },
    forward: () => tf.clone(value),
    backward: (dy) => ({ x: () => tf.clone(dy) }),
  })
}

/**
 * What `compute` gives, as a constant: it is computed off the tape, so that nothing on the way to it is kept for gradients or
 * until the surrounding `tidy` ends. For whole frozen passes inside a loss; what they come from gets no gradient.
 */
export function untaped<T extends Tensor>(compute: () => T): T {
  return differentiable({ inputs: {}, forward: compute, backward: () => ({}) })
}
