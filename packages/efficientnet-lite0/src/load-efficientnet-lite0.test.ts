import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isTransformer } from '@pilotjs/core'
import { readSafetensors, readSafetensorsHeader } from '@pilotjs/core/safetensors'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { loadEfficientNetLite0 } from './index'

const file = new URL('../data/efficientnet-lite0.safetensors', import.meta.url)
/** What tools/efficientnet-lite0 computed with PyTorch: features by the original weights, and by those of the file. */
const reference = async () =>
  readSafetensors(await readFile(new URL('__fixtures__/reference.safetensors', import.meta.url)))
/** The tool's images: sin(0.001·i), i counting over all numbers, channels last. */
const images = () => {
  const shape: [number, number, number, number] = [2, 224, 224, 3]
  return tf.tensor4d(
    Float32Array.from({ length: 2 * 224 * 224 * 3 }, (_, i) => Math.sin(0.001 * i)),
    shape,
  ) as Tensor4D
}
const difference = (own: Tensor, other: Tensor) =>
  tf.tidy(() => tf.div(tf.max(tf.abs(tf.sub(own, other))), tf.max(tf.abs(other))).dataSync()[0]!)

describe('efficientnet-lite0', () => {
  it("has PyTorch's features: to rounding by the same weights, to float16's precision by the original ones", async () => {
    const before = tf.memory().numTensors
    const backbone = await loadEfficientNetLite0()
    const { original, rounded } = await reference()
    const input = images()
    const features = backbone.features(input)
    expect(features.shape).toEqual([2, 1280])
    expect(difference(features, rounded!)).toBeLessThan(2e-5)
    expect(difference(features, original!)).toBeLessThan(1e-2)
    tf.dispose([original!, rounded!, input, features])
    backbone.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('is what its card says', async () => {
    const backbone = await loadEfficientNetLite0()
    expect(backbone).toMatchObject({ name: 'efficientnet-lite0', architecture: 'efficientnet', width: 1280 })
    expect(isTransformer(backbone)).toBe(false)
    expect(backbone.preprocessing).toEqual({
      inputSize: [224, 224],
      mean: [0.5, 0.5, 0.5],
      std: [0.5, 0.5, 0.5],
      interpolation: 'bicubic',
      cropFraction: 0.875,
    })
    backbone.dispose()
    const bytes = await readFile(file)
    const card = await readFile(new URL('../MODEL_CARD.md', import.meta.url), 'utf8')
    expect(card).toContain(createHash('sha256').update(bytes).digest('hex'))
    const { metadata } = readSafetensorsHeader(bytes)
    expect(card).toContain(metadata.source_sha256!)
    expect(bytes.length).toBeLessThan(7.2e6)
  })

  it('says where it looked for weights', async () => {
    await expect(loadEfficientNetLite0(new URL('./nothing.safetensors', import.meta.url))).rejects.toThrow(
      'nothing.safetensors cannot be read',
    )
  })
})
