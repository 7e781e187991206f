import { createVit, initVit } from '@pilotjs/core/backbones'
import { createRng } from '@pilotjs/core/random'
import type { TuningModule } from '@pilotjs/core'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, describe, expect, it } from 'vitest'
import { visualPrompts } from './visual-prompts'

const config = { imageSize: 8, patchSize: 4, width: 8, depth: 3, heads: 2 }
const vit = createVit(config, initVit(config, createRng(1)))
const images = tf.tensor4d(createRng(2).normals(2 * 192, 0, 1), [2, 8, 8, 3])
afterAll(() => {
  vit.dispose()
  images.dispose()
})
const features = (module?: TuningModule) =>
  tf.tidy(() => Array.from(vit.features(images, module && { tuning: module.tuning() }).dataSync()))

describe('visualPrompts', () => {
  it.each(['deep', 'shallow'] as const)('%s: tokens at the end of the sequence', (kind) => {
    const module = visualPrompts({ length: 2, kind }).attach(vit)
    expect(module.variables().Prompt_Tokens!.shape).toEqual([kind === 'deep' ? 3 : 1, 2, 8])
    const tokens = tf.tidy(() => vit.tokens(images, { tuning: module.tuning() }))
    expect(tokens.shape).toEqual([2, 1 + 4 + 2, 8])
    // A token of zeros takes part in attention all the same.
    expect(features(module)).not.toEqual(features())
    tokens.dispose()
    module.dispose()
  })
})
