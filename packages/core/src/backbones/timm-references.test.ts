import { readFileSync, readdirSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor4D } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { createVariables } from '../parameters/variables'
import { readSafetensors, readSafetensorsHeader } from '../safetensors/index'
import { gradientsOf } from '../training/gradients'
import { type TimmCard, createBackbone } from './architecture'
import { inferBlueprint } from './infer-blueprint'

const folder = new URL('__fixtures__/', import.meta.url)
const names = readdirSync(folder).map((file) => file.replace('.safetensors', ''))

/** A small network as timm made it, from its weights and its card alone, with images and the features that timm computes. */
function reference(name: string) {
  const bytes = readFileSync(new URL(`${name}.safetensors`, folder))
  const { images: channelsFirst, features, ...weights } = readSafetensors(bytes)
  const card = JSON.parse(readSafetensorsHeader(bytes).metadata.card!) as TimmCard
  const shapes = Object.fromEntries(Object.entries(weights).map(([key, { shape }]) => [key, shape]))
  const images = tf.transpose(channelsFirst!, [0, 2, 3, 1]) as Tensor4D
  channelsFirst!.dispose()
  const backbone = createBackbone(inferBlueprint(shapes, { card }), weights, { name })
  return { backbone, images, features: features! }
}

// Recorded by tools/timm-fixtures from timm 1.0.31 on torch 2.15.0.
describe.each(names)('%s', (name) => {
  it("has timm's features to 2e-5, with its own weights or with copies that train", () => {
    const before = tf.memory().numTensors
    const { backbone, images, features } = reference(name)
    const scale = tf.tidy(() => tf.max(tf.abs(features)).dataSync()[0]!)
    const distance = (parameters?: Record<string, tf.Tensor>) =>
      tf.tidy(() => tf.max(tf.abs(tf.sub(backbone.features(images, { parameters }), features))).dataSync()[0]!) / scale
    expect(distance()).toBeLessThan(2e-5)
    const copies = createVariables(backbone.parameters)
    expect(distance(copies)).toBeLessThan(2e-5)
    tf.dispose([copies, images, features] as never)
    backbone.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('passes gradients to every weight, running statistics excepted', () => {
    const { backbone, images, features } = reference(name)
    const trained = createVariables(
      Object.fromEntries(Object.entries(backbone.parameters).filter(([key]) => !key.includes('running_'))),
    )
    const { gradients } = tf.tidy(() =>
      gradientsOf(() => tf.mean(tf.square(backbone.features(images, { parameters: trained }))) as tf.Scalar, trained),
    )
    expect(Object.keys(gradients).sort()).toEqual(Object.keys(trained).sort())
    for (const gradient of Object.values(gradients)) expect(gradient.dataSync().every(Number.isFinite)).toBe(true)
    tf.dispose([gradients, trained, images, features] as never)
    backbone.dispose()
  })
})
