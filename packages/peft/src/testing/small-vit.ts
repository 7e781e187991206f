import { createVit, initVit } from '@pilotjs/core/backbones'
import { createRng } from '@pilotjs/core/random'
import { gradientsOf } from '@pilotjs/core/training'
import type { NamedTensors, NamedVariables, TransformerBackbone, Tuning } from '@pilotjs/core'
import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core'
import { expect } from 'vitest'

const config = { imageSize: 8, patchSize: 4, width: 8, depth: 3, heads: 2 }

/** A vision transformer of a few numbers, with weights large enough that every path counts, and two images. */
export function smallVit(): { vit: TransformerBackbone; images: Tensor4D } {
  const weights = initVit(config, createRng(1))
  const large = Object.fromEntries(
    Object.entries(weights).map(([name, weight]) => [name, tf.mul(weight, name.endsWith('.weight') ? 4 : 1)]),
  ) as NamedTensors
  return { vit: createVit(config, large), images: tf.tensor4d(createRng(2).normals(2 * 192, 0, 1), [2, 8, 8, 3]) }
}

/** The features of both images under a tuning, as numbers. */
export function featuresUnder({ vit, images }: ReturnType<typeof smallVit>, tuning: Tuning): number[] {
  return tf.tidy(() => Array.from(vit.features(images, { tuning }).dataSync()))
}

/** Replaces a module's numbers by others that are neither zero nor small. */
export function stir(variables: NamedVariables, seed = 5): void {
  const rng = createRng(seed)
  for (const variable of Object.values(variables))
    tf.tidy(() => variable.assign(tf.tensor(rng.normals(variable.size, 0, 0.3), variable.shape)))
}

/** Expects the gradient of `value` by a few numbers of every variable to be what a central difference finds. */
export function expectSlopes(value: () => Scalar, variables: NamedVariables): void {
  const step = 5e-3
  const { gradients } = tf.tidy(() => gradientsOf(value, variables))
  for (const [name, variable] of Object.entries(variables)) {
    const start = variable.dataSync().slice() as Float32Array
    const found = gradients[name]!.dataSync()
    for (const i of [0, Math.floor(start.length / 2), start.length - 1]) {
      const at = (offset: number) => {
        const moved = start.slice()
        moved[i]! += offset
        tf.tidy(() => variable.assign(tf.tensor(moved, variable.shape)))
        return tf.tidy(() => value().dataSync()[0]!)
      }
      const quotient = (at(step) - at(-step)) / (2 * step)
      expect(Math.abs(found[i]! - quotient), `${name}[${i}]: ${found[i]}, quotient ${quotient}`).toBeLessThan(
        5e-3 * (1 + Math.abs(quotient)),
      )
    }
    tf.tidy(() => variable.assign(tf.tensor(start, variable.shape)))
  }
  tf.dispose(Object.values(gradients))
}

/** Expects two lists of numbers to agree to 2e-5 of 1 + their size. */
export function expectNear(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length)
  actual.forEach((value, i) =>
    expect(Math.abs(value - expected[i]!), `number ${i}`).toBeLessThan(2e-5 * (1 + Math.abs(expected[i]!))),
  )
}
