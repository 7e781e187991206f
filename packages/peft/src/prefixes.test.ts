import { createRng } from '@pilotjs/core/random'
import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor3D } from '@tensorflow/tfjs-core'
import { afterAll, describe, expect, it } from 'vitest'
import { combinedTuning } from './combined-tuning'
import { prefixes } from './prefixes'
import { scaledPrefixes } from './scaled-prefixes'
import { expectNear, expectSlopes, featuresUnder, smallVit, stir } from './testing/small-vit'

const small = smallVit()
const { vit, images } = small
afterAll(() => {
  vit.dispose()
  images.dispose()
})
/** A tuning's value on the images, as one number to differentiate. */
const value = (tuning: Parameters<typeof featuresUnder>[1]) => () =>
  tf.sum(tf.mul(vit.features(images, { tuning }), tf.reshape(tf.linspace(-1, 1, 16), [2, 8]))) as Scalar

describe('prefixes', () => {
  const make = (blocks: number[], length: number) => prefixes({ blocks, length, rng: createRng(3) }).attach(vit)

  it('are keys and values of their blocks, in one table', () => {
    const peft = make([0, 2], 3)
    const table = peft.variables().prompt!
    expect(table.shape).toEqual([2, 2, 3, 2, 4])
    tf.tidy(() => {
      const rows = tf.reshape(table, [2, 2, 3 * 8]).arraySync() as number[][][]
      expect(peft.tuning().prefix!(1)).toBeUndefined()
      const second = peft.tuning().prefix!(2)!
      expect(second.keys.shape).toEqual([1, 3, 8])
      expectNear(Array.from(second.keys.dataSync()), rows[1]![0]!)
      expectNear(Array.from(second.values.dataSync()), rows[1]![1]!)
    })
    peft.dispose()
  })

  it('that repeat a block’s own keys and values change nothing', () => {
    // Tokens of block 0 twice over: every weight is halved, and counts twice.
    const own: { keys?: Tensor3D; values?: Tensor3D } = {}
    tf.tidy(() => {
      const plain = featuresUnder(small, {
        qkv(projected, _, block) {
          if (block === 0) {
            own.keys = tf.keep(tf.slice(projected, [0, 0, 8], [-1, -1, 8]))
            own.values = tf.keep(tf.slice(projected, [0, 0, 16], [-1, -1, 8]))
          }
          return projected
        },
      })
      const pair = { keys: own.keys!, values: own.values! }
      expectNear(featuresUnder(small, { prefix: (block) => (block === 0 ? pair : undefined) }), plain)
    })
    tf.dispose([own.keys!, own.values!])
  })

  it('train', () => {
    const peft = make([0, 1], 2)
    expectSlopes(value(peft.tuning()), peft.variables())
    peft.dispose()
  })
})

describe('scaledPrefixes', () => {
  const make = (compensated: boolean) =>
    scaledPrefixes({ blocks: [1], length: 3, rng: createRng(3), compensated }).attach(vit)

  it('are tokens times their scale, by LAE’s names', () => {
    const peft = make(true)
    const names = ['key.tokens', 'key.scaler.scale', 'val.tokens', 'val.scaler.scale'].map((name) => `1.${name}`)
    expect(Object.keys(peft.variables())).toEqual(names)
    stir(peft.variables())
    tf.tidy(() => {
      const [tokens, scale] = [peft.variables()['1.val.tokens']!, peft.variables()['1.val.scaler.scale']!]
      const { values, compensated } = peft.tuning().prefix!(1)!
      expect(compensated).toBe(true)
      expectNear(Array.from(values.dataSync()), Array.from(tf.mul(tokens, scale).dataSync()))
      expect(peft.tuning().prefix!(0)).toBeUndefined()
    })
    peft.dispose()
  })

  it('compensated, add what an attention to them alone gives', () => {
    const peft = make(true)
    stir(peft.variables())
    tf.tidy(() => {
      // Out of a single block: the joint softmax written out, the prefix' columns divided by their sum.
      const x = tf.tensor3d(createRng(6).normals(2 * 5 * 8, 0, 1), [2, 5, 8])
      let projected: Tensor3D | undefined
      let mixed: Tensor3D | undefined
      vit.blocks(x, 1, 2, {
        tuning: {
          ...peft.tuning(),
          qkv: (joint) => (projected = tf.keep(joint)),
          // The projection after attention is undone by reading what goes into it: its weights are the identity here.
          modulate: (output, site) => {
            if (site === 'blocks.1.attn.proj') mixed = tf.keep(output as unknown as Tensor3D)
            return output
          },
        },
        parameters: { 'blocks.1.attn.proj.weight': tf.eye(8), 'blocks.1.attn.proj.bias': tf.zeros([8]) },
      })
      const pair = peft.tuning().prefix!(1)!
      const split = (tokens: tf.Tensor) => tf.transpose(tf.reshape(tokens, [tokens.shape[0]!, -1, 2, 4]), [0, 2, 1, 3])
      const [q, k, v] = tf.split(projected!, 3, 2).map(split) as [tf.Tensor, tf.Tensor, tf.Tensor]
      const over = (tokens: tf.Tensor) => split(tf.tile(tokens, [2, 1, 1]))
      const scores = tf.mul(tf.matMul(q, tf.concat([over(pair.keys), k], 2), false, true), 0.5)
      const weights = tf.softmax(scores)
      const [ofPrefix, ofOwn] = tf.split(weights, [3, 5], 3) as [tf.Tensor, tf.Tensor]
      const lifted = tf.concat([tf.div(ofPrefix, tf.sum(ofPrefix, 3, true)), ofOwn], 3)
      const expected = tf.reshape(
        tf.transpose(tf.matMul(lifted, tf.concat([over(pair.values), v], 2)), [0, 2, 1, 3]),
        [2, 5, 8],
      )
      expectNear(Array.from(mixed!.dataSync()), Array.from(expected.dataSync()))
      tf.dispose([projected!, mixed!])
    })
    peft.dispose()
  })

  it.each([true, false])('train, compensated %s', (compensated) => {
    const peft = make(compensated)
    stir(peft.variables())
    expectSlopes(value(peft.tuning()), peft.variables())
    peft.dispose()
  })
})

describe('requireBlocks', () => {
  it('names the blocks that a backbone does not have', () => {
    const attach = () => prefixes({ blocks: [1, 3], length: 1, rng: createRng(1) }).attach(vit)
    expect(attach).toThrow(/a prefix reaches into block 3, but vit has blocks 0 to 2/)
  })
})

describe('combinedTuning', () => {
  it('puts prefixes of one block one after the other, whatever their batch', () => {
    tf.tidy(() => {
      const pair = (batch: number, first: number) => ({
        keys: tf.tensor3d([first, first + 1].slice(0, batch), [batch, 1, 1]),
        values: tf.zeros([batch, 1, 1]) as Tensor3D,
      })
      const both = combinedTuning(
        { prefix: () => pair(1, 1) },
        { prefix: (block) => (block === 0 ? pair(2, 5) : undefined) },
      )
      expect(both.prefix!(0)!.keys.arraySync()).toEqual([
        [[1], [5]],
        [[1], [6]],
      ])
      expect(both.prefix!(1)!.keys.arraySync()).toEqual([[[1]]])
      const mixed = combinedTuning(
        { prefix: () => pair(1, 1) },
        { prefix: () => ({ ...pair(1, 1), compensated: true }) },
      )
      expect(() => mixed.prefix!(0)).toThrow(/only one of them is compensated/)
    })
  })

  it('adds branches up and runs changes in order', () => {
    tf.tidy(() => {
      const one = tf.ones([1, 1, 1]) as Tensor3D
      const both = combinedTuning(
        { branch: () => one, enter: (tokens) => tf.add(tokens, 1), modulate: (output) => tf.mul(output, 2) },
        { branch: () => one, enter: (tokens) => tf.mul(tokens, 3) },
        {},
      )
      expect(both.branch!(one, 0)!.dataSync()[0]).toBe(2)
      expect(both.enter!(one, 0).dataSync()[0]).toBe(6)
      expect(both.modulate!(one, 'norm').dataSync()[0]).toBe(2)
      expect(both.besideAttention!(one, 0)).toBeUndefined()
      expect(both.qkv!(one, one, 0)).toBe(one)
    })
  })
})
