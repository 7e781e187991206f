import * as tf from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import { expect } from 'vitest'
import { gradientsOf } from '../training/gradients'
import { createRng } from '../random/rng'
import { createVariables } from '../parameters/variables'

/** A tensor of standard normal numbers that is the same every time. */
export function sample(shape: number[], seed = 1, deviation = 1): Tensor {
  return tf.tensor(createRng(seed).normals(tf.util.sizeFromShape(shape), 0, deviation), shape)
}

/**
 * Expects the gradient of Σ r·f(inputs), r random, by every element of every input to be what a central difference finds.
 * Float32 leaves a difference quotient about three digits.
 */
export function expectGradients(f: (inputs: Record<string, Tensor>) => Tensor, inputs: Record<string, Tensor>): void {
  const step = 2e-2
  const variables = createVariables(inputs)
  const weights = tf.tidy(() => sample(f(variables).shape, 99))
  const value = () => tf.sum(tf.mul(f(variables), weights)) as tf.Scalar
  const { gradients } = tf.tidy(() => gradientsOf(value, variables))
  for (const [name, variable] of Object.entries(variables)) {
    const start = variable.dataSync().slice() as Float32Array
    const found = gradients[name]!.dataSync()
    const quotients = Array.from(start, (_, i) => {
      const at = (offset: number) => {
        const moved = start.slice()
        moved[i]! += offset
        tf.tidy(() => variable.assign(tf.tensor(moved, variable.shape)))
        return tf.tidy(() => value().dataSync()[0]!)
      }
      return (at(step) - at(-step)) / (2 * step)
    })
    tf.tidy(() => variable.assign(tf.tensor(start, variable.shape)))
    quotients.forEach((quotient, i) => {
      expect(Math.abs(found[i]! - quotient), `${name}[${i}]: ${found[i]}, quotient ${quotient}`).toBeLessThan(
        4e-3 * (1 + Math.abs(quotient)),
      )
    })
  }
  tf.dispose([weights, ...Object.values(variables), ...Object.values(gradients)])
}

/** The numbers of a tensor that is then disposed. */
export function numbers(tensor: Tensor): number[] {
  const values = Array.from(tensor.dataSync())
  tensor.dispose()
  return values
}
