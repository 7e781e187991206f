import { createVit } from '@pilotjs/core/backbones'
import { createRng } from '@pilotjs/core/random'
import type { NamedTensors } from '@pilotjs/core'
import { selectEngine } from '@pilotjs/core/node'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { growWeights } from './grow-weights'
import { initialWeights } from './initial-weights'

const narrow = { imageSize: 32, patchSize: 8, width: 64, depth: 2, heads: 2 }
const wide = { ...narrow, width: 96, heads: 3 }

/** What a training leaves: what is written into the channels has grown, biases and norms are none of zero or one. */
function trained(): NamedTensors {
  const rng = createRng(5)
  return Object.fromEntries(
    Object.entries(initialWeights(narrow, rng.fork('weights'))).map(([name, tensor]) => {
      const noise = tf.tensor(rng.normals(tensor.size, 0, 0.05), tensor.shape)
      const grown = /proj|fc2/.test(name) ? 5 : 1
      return [name, tf.add(tf.mul(tensor, grown), noise)]
    }),
  )
}

describe('growWeights', () => {
  beforeAll(async () => {
    await selectEngine('cpu')
  })

  it('computes in its old channels nearly what the narrow network does', () => {
    const images = tf.tensor4d(createRng(2).normals(4 * 32 * 32 * 3, 0, 0.5), [4, 32, 32, 3])
    const before = createVit(narrow, trained()).features(images)
    const after = createVit(wide, growWeights(trained(), narrow, wide, createRng(1))).features(images)
    expect(after.shape).toEqual([4, 96])
    const [a, b] = [before.arraySync(), after.arraySync().map((row) => row.slice(0, 64))]
    const cosine = (x: number[], y: number[]) =>
      x.reduce((sum, value, i) => sum + value * y[i]!, 0) / (Math.hypot(...x) * Math.hypot(...y))
    a.forEach((row, i) => expect(cosine(row, b[i]!)).toBeGreaterThan(0.98))
    // the images differ by more than that
    expect(cosine(a[0]!, a[1]!)).toBeLessThan(0.9)
  })

  it('gives new channels, heads and hidden units weights of a new network, which the old ones do not read', () => {
    const old = trained()
    const oldHidden = old['blocks.1.mlp.fc1.weight']!.arraySync() as number[][]
    const oldValue = old['blocks.1.attn.qkv.weight']!.arraySync() as number[][]
    const grown = growWeights(old, narrow, wide, createRng(1))
    const hidden = grown['blocks.1.mlp.fc1.weight']!.arraySync() as number[][]
    expect([hidden.length, hidden[0]!.length]).toEqual([384, 96])
    expect(hidden[3]!.slice(0, 64)).toEqual(oldHidden[3])
    expect(hidden[3]!.slice(64).every((value) => value === 0)).toBe(true)
    expect(hidden[300]!.filter((value) => value !== 0).length).toBe(96)
    // values of the first head lie behind 2 · 96 rows of queries and keys
    const value = grown['blocks.1.attn.qkv.weight']!.arraySync() as number[][]
    expect(value[2 * 96]!.slice(0, 64)).toEqual(oldValue[2 * 64])
    tf.dispose(grown as Record<string, tf.Tensor>)
  })

  it('refuses what is not just wider', () => {
    expect(() => growWeights({}, narrow, { ...wide, depth: 3 }, createRng(1))).toThrow('heads of 32 numbers')
    expect(() => growWeights({}, narrow, { ...wide, heads: 2 }, createRng(1))).toThrow('cannot grow')
  })
})
