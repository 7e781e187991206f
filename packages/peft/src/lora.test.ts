import { createRng } from '@pilotjs/core/random'
import type { TuningKind } from '@pilotjs/core'
import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core'
import { afterAll, describe, expect, it } from 'vitest'
import { attentionAdapters } from './attention-adapters'
import { lora } from './lora'
import { expectNear, expectSlopes, featuresUnder, smallVit, stir } from './testing/small-vit'

const small = smallVit()
const { vit, images } = small
const { width } = vit
afterAll(() => {
  vit.dispose()
  images.dispose()
})
const plain = featuresUnder(small, {})

describe.each([
  ['lora', () => lora({ blocks: [0, 1], rank: 2, rng: createRng(3) })],
  ['attentionAdapters', () => attentionAdapters({ blocks: [0, 1], bottleneck: 2, rng: createRng(3) })],
] as const)('%s', (_, kind: () => TuningKind) => {
  it('begins as nothing', () => {
    const peft = kind().attach(vit)
    expectNear(featuresUnder(small, peft.tuning()), plain)
    peft.dispose()
  })

  it('trains', () => {
    const peft = kind().attach(vit)
    stir(peft.variables())
    const value = () =>
      tf.sum(
        tf.mul(vit.features(images, { tuning: peft.tuning() }), tf.reshape(tf.linspace(-1, 1, 16), [2, 8])),
      ) as Scalar
    expectSlopes(value, peft.variables())
    peft.dispose()
  })
})

describe('lora', () => {
  it.each([[['key', 'value'] as const], [['query'] as const]])('is W + s·B·A of %j', (projections) => {
    const peft = lora({ blocks: [1], rank: 2, projections, rng: createRng(3) }).attach(vit)
    stir(peft.variables())
    tf.tidy(() => {
      const own = (name: string) => peft.variables()[`1.${name}`] as tf.Tensor
      const update = (i: number) =>
        tf.mul(tf.matMul(own(`lora_B.${i}`) as Tensor2D, own(`lora_A.${i}`) as Tensor2D), own(`scale.${i}.scale`))
      const none = tf.zeros([width, width])
      const rows = projections.length === 2 ? [none, update(0), update(1)] : [update(0), none, none]
      const weight = tf.add(vit.parameters['blocks.1.attn.qkv.weight']!, tf.concat(rows, 0))
      const merged = vit.features(images, { parameters: { 'blocks.1.attn.qkv.weight': weight } })
      expectNear(featuresUnder(small, peft.tuning()), Array.from(merged.dataSync()))
    })
    peft.dispose()
  })
})

describe('attentionAdapters', () => {
  it('add scale · up(gelu(down)) of the normalised input to the stream', () => {
    const peft = attentionAdapters({ blocks: [1], bottleneck: 1, rng: createRng(3) }).attach(vit)
    tf.tidy(() => {
      const set = (name: string, values: number[]) => {
        const variable = peft.variables()[`1.${name}`]!
        variable.assign(tf.tensor(values, variable.shape))
      }
      set('layer.0.weight', [1, 0, 0, 0, 0, 0, 0, 0])
      set('layer.0.bias', [100])
      set('layer.2.weight', [1, 2, 3, 4, 5, 6, 7, 8])
      set('layer.3.scale', [0.5])
      const input = tf.zeros([1, 1, 8]) as tf.Tensor3D
      expectNear(
        Array.from(peft.tuning().besideAttention!(input, 1)!.dataSync()),
        [50, 100, 150, 200, 250, 300, 350, 400],
      )
      expect(peft.tuning().besideAttention!(input, 0)).toBeUndefined()
    })
    peft.dispose()
  })
})
