import { createRng } from '@pilotjs/core/random'
import { selectEngine } from '@pilotjs/core/node'
import type { IconSet, PackedSplit } from '@pilotjs/icons-100'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { ridgeByFamily } from './ridge-by-family'

const PIXELS = 32 * 32 * 3
const sets = Array.from({ length: 8 }, (_, i) => ({ prefix: `set${i}`, family: `family${i >> 1}` }) as IconSet)

/** Two classes, few dark and many bright; each family in a tone of its own. */
function tones(): PackedSplit {
  const length = 64
  const split = {
    length,
    images: new Uint8Array(length * PIXELS),
    labels: new Int32Array(length),
    sets: new Uint16Array(length),
  }
  for (let i = 0; i < length; i++) {
    const label = Math.min(1, i % 4)
    const set = (i >> 2) % 8
    split.labels[i] = label
    split.sets[i] = set
    split.images.fill(40 + 130 * label + 5 * (set >> 1), i * PIXELS, (i + 1) * PIXELS)
  }
  return { ...split, domains: new Uint8Array(length) }
}

const options = {
  split: tones(),
  sets,
  classes: 2,
  // brightness, and that the image is there
  apply: (images: Tensor4D) => {
    const brightness = tf.mean(tf.reshape(images, [images.shape[0], PIXELS]), 1, true)
    return tf.concat([brightness, tf.onesLike(brightness)], 1) as Tensor2D
  },
  projectionSize: 32,
  folds: 4,
}

describe('ridgeByFamily', () => {
  beforeAll(async () => {
    await selectEngine('cpu')
  })

  it('recognises drawings of families left out, unless the strength drowns them, and leaves no tensor behind', async () => {
    const before = tf.memory().numTensors
    const [useful, drowned] = await ridgeByFamily({ ...options, strengths: [0.1, 1e12], rng: createRng(1) })
    expect(useful).toBe(1)
    // only the sums of the classes are left, and the larger class has the larger sum
    expect(drowned).toBe(0.75)
    expect(tf.memory().numTensors).toBe(before)
  })

  it('wants a family for every part', async () => {
    const many = ridgeByFamily({ ...options, folds: 5, strengths: [1], rng: createRng(1) })
    await expect(many).rejects.toThrow('4 families of sets cannot be dealt into 5 parts')
  })
})
