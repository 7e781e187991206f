import { selectEngine } from '@pilotjs/core/node'
import { loadIcons100 } from '@pilotjs/icons-100'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor4D } from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadVitIcons } from './load-vit-icons'

describe('vit-icons', () => {
  beforeAll(async () => {
    await selectEngine('auto')
  })

  it('tells classes apart that it has never seen', async () => {
    const tensors = tf.memory().numTensors
    const backbone = await loadVitIcons()
    const { arrays, classNames } = await loadIcons100()
    const classes = ['anchor', 'bicycle', 'cat', 'ghost', 'guitar', 'umbrella'].map((name) => classNames.indexOf(name))
    const features = (split: 'train' | 'test', label: number) => {
      const { images, labels, length } = arrays[split]
      const positions = Array.from({ length }, (_, i) => i).filter((i) => labels[i] === label)
      const pixels = Float32Array.from(
        positions.flatMap((i) => [...images.subarray(i * 3072, (i + 1) * 3072)]),
        (value) => value / 127.5 - 1,
      )
      return backbone.features(tf.tensor4d(pixels, [positions.length, 32, 32, 3]) as Tensor4D)
    }
    const [right, total] = tf.tidy(() => {
      const unit = (x: tf.Tensor) => tf.div(x, tf.norm(x, 'euclidean', -1, true))
      const prototypes = tf.stack(classes.map((label) => unit(tf.mean(features('train', label), 0)))) as tf.Tensor2D
      let right = 0
      let total = 0
      classes.forEach((label, k) => {
        const scores = tf.matMul(features('test', label), prototypes, false, true)
        const predicted = tf.argMax(scores, 1).dataSync()
        right += predicted.filter((p) => p === k).length
        total += predicted.length
      })
      return [right, total]
    })
    // six classes: chance is one in six
    expect(right / total).toBeGreaterThan(0.8)
    backbone.dispose()
    expect(tf.memory().numTensors).toBe(tensors)
  })

  it('is what the model card says it is', async () => {
    const backbone = await loadVitIcons()
    expect(backbone).toMatchObject({
      name: 'vit-icons',
      architecture: 'vit',
      width: 128,
      depth: 6,
      heads: 4,
      prefixTokens: 1,
    })
    expect(backbone.preprocessing).toMatchObject({ inputSize: [32, 32], mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] })
    backbone.dispose()
  })

  it('says where it looked for weights', async () => {
    await expect(loadVitIcons(new URL('./nothing.safetensors', import.meta.url))).rejects.toThrow(
      'nothing.safetensors cannot be read',
    )
  })
})
