import '#gradients'
import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import type { NamedTensors, NamedVariables } from '../contracts/tensors'

/**
 * A loss and its gradient by every variable that it depends on; the others are absent, as torch leaves their `grad` None.
 * Call it inside `tf.tidy`.
 */
export function gradientsOf(loss: () => Scalar, variables: NamedVariables): { loss: Scalar; gradients: NamedTensors } {
  const names = Object.keys(variables)
  const { value, grads } = tf.variableGrads(loss, Object.values(variables))
  const gradients: Record<string, Tensor> = {}
  for (const name of names) {
    const gradient = grads[variables[name]!.name] as Tensor | undefined
    if (gradient) gradients[name] = gradient
  }
  return { loss: value, gradients }
}

/** Scales all gradients so that their joint L2 norm is at most `limit` (torch's `clip_grad_norm_`). */
export function clipByNorm(gradients: NamedTensors, limit: number): NamedTensors {
  const squares = Object.values(gradients).map((gradient) => tf.sum(tf.square(gradient)) as Scalar)
  const factor = tf.minimum(tf.div(limit, tf.add(tf.sqrt(tf.addN(squares)), 1e-6)), 1)
  return Object.fromEntries(Object.entries(gradients).map(([name, gradient]) => [name, tf.mul(gradient, factor)]))
}
