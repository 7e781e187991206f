import { createVit, initVit } from '@pilotjs/core/backbones'
import { createRng } from '@pilotjs/core/random'
import type { TuningModule } from '@pilotjs/core'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, describe, expect, it } from 'vitest'
import { scaleAndShift } from './scale-and-shift'

const config = { imageSize: 8, patchSize: 4, width: 8, depth: 3, heads: 2 }
const vit = createVit(config, initVit(config, createRng(1)))
const images = tf.tensor4d(createRng(2).normals(2 * 192, 0, 1), [2, 8, 8, 3])
afterAll(() => {
  vit.dispose()
  images.dispose()
})
const features = (module?: TuningModule) =>
  tf.tidy(() => Array.from(vit.features(images, module && { tuning: module.tuning() }).dataSync()))
const near = (actual: number[], expected: number[]) =>
  actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5))

describe('scaleAndShift', () => {
  it('has a pair after every linear layer and norm, by PILOT’s names, and changes nothing at 1 and 0', () => {
    const module = scaleAndShift({ rng: createRng(3) }).attach(vit)
    const shapes = Object.fromEntries(Object.entries(module.variables()).map(([name, { shape }]) => [name, shape[0]]))
    expect(Object.keys(shapes)).toHaveLength(4 + 12 * vit.depth)
    expect(shapes).toMatchObject({
      'patch_embed.ssf_scale_1': 8,
      'blocks.0.ssf_shift_2': 8,
      'blocks.1.attn.ssf_scale_1': 24,
      'blocks.1.attn.ssf_scale_2': 8,
      'blocks.2.mlp.ssf_shift_1': 32,
      ssf_scale_1: 8,
    })
    expect(features(module)).not.toEqual(features())
    for (const [name, variable] of Object.entries(module.variables()))
      tf.tidy(() => variable.assign(tf.fill(variable.shape, name.includes('scale') ? 1 : 0)))
    near(features(module), features())
    // Every one of them takes part: moving any changes the features.
    for (const [name, variable] of Object.entries(module.variables())) {
      const held = variable.clone()
      tf.tidy(() => variable.assign(tf.tensor1d(createRng(4).normals(variable.size, 0.5, 0.5))))
      // A shift of all keys alike changes no attention, so values alone are looked at.
      const moved = features(module)
      expect(
        moved.some((value, i) => Math.abs(value - features()[i]!) > 1e-7),
        name,
      ).toBe(true)
      variable.assign(held)
      held.dispose()
    }
    module.dispose()
  })
})
