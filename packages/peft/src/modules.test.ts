import { createResnet, createRng, createVit, initResnet, initVit } from '@pilotjs/core'
import type { ResnetConfig, TransformerBackbone } from '@pilotjs/core'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, describe, expect, it } from 'vitest'
import { adapterStack } from './adapter-stack'
import { adapters } from './adapters'
import { dropout } from './dropout'
import type { PeftModule } from './module'
import { scaleAndShift } from './scale-and-shift'
import { requireTransformer, tunedBackbone, tuningKinds } from './tuned-backbone'
import { visualPrompts } from './visual-prompts'

const config = { imageSize: 8, patchSize: 4, width: 8, depth: 3, heads: 2 }
const vit: TransformerBackbone = createVit(config, initVit(config, createRng(1)))
const images = tf.tensor4d(createRng(2).normals(2 * 192, 0, 1), [2, 8, 8, 3])
afterAll(() => {
  vit.dispose()
  images.dispose()
})
const { width, depth } = vit
const features = (peft?: PeftModule) =>
  tf.tidy(() => Array.from(vit.features(images, peft && { tuning: peft.tuning() }).dataSync()))
const near = (actual: number[], expected: number[]) =>
  actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5))

describe('adapters', () => {
  const make = () => adapters({ width, depth, bottleneck: 3, prefix: 'net.', rng: createRng(3), dropout: 0.5 })

  it('begin as nothing', () => {
    const peft = make()
    expect(Object.keys(peft.variables())).toHaveLength(4 * depth)
    expect(peft.variables()['net.blocks.2.adaptmlp.down_proj.weight']!.shape).toEqual([3, 8])
    near(features(peft), features())
    peft.dispose()
  })

  it('add scale · up(relu(down x)) to a block', () => {
    const peft = make()
    const set = (name: string, value: number) => {
      const variable = peft.variables()[`net.blocks.0.adaptmlp.${name}`]!
      tf.tidy(() => variable.assign(tf.fill(variable.shape, value)))
    }
    set('down_proj.weight', 1)
    set('up_proj.weight', 2)
    set('up_proj.bias', 5)
    tf.tidy(() => {
      const input = tf.tensor3d([1, 2, 0, 0, 0, 0, 0, 0, -1, 0, 0, 0, 0, 0, 0, 0], [1, 2, 8])
      const added = peft.tuning().branch!(input, 0)!
      const firsts = Array.from(tf.slice(added, [0, 0, 0], [1, 2, 1]).dataSync())
      near(firsts, [0.1 * (3 * 3 * 2 + 5), 0.1 * 5])
    })
    peft.dispose()
  })
})

describe('scaleAndShift', () => {
  it('has a pair after every linear layer and norm, by PILOT’s names, and changes nothing at 1 and 0', () => {
    const peft = scaleAndShift({ width, depth, hidden: 32, prefix: 'net.', rng: createRng(3) })
    const shapes = Object.fromEntries(Object.entries(peft.variables()).map(([name, { shape }]) => [name, shape[0]]))
    expect(Object.keys(shapes)).toHaveLength(4 + 12 * depth)
    expect(shapes).toMatchObject({
      'net.patch_embed.ssf_scale_1': 8,
      'net.blocks.0.ssf_shift_2': 8,
      'net.blocks.1.attn.ssf_scale_1': 24,
      'net.blocks.1.attn.ssf_scale_2': 8,
      'net.blocks.2.mlp.ssf_shift_1': 32,
      'net.ssf_scale_1': 8,
    })
    expect(features(peft)).not.toEqual(features())
    for (const [name, variable] of Object.entries(peft.variables()))
      tf.tidy(() => variable.assign(tf.fill(variable.shape, name.includes('scale') ? 1 : 0)))
    near(features(peft), features())
    // Every one of them takes part: moving any changes the features.
    for (const [name, variable] of Object.entries(peft.variables())) {
      const held = variable.clone()
      tf.tidy(() => variable.assign(tf.tensor1d(createRng(4).normals(variable.size, 0.5, 0.5))))
      // A shift of all keys alike changes no attention, so values alone are looked at.
      const moved = features(peft)
      expect(
        moved.some((value, i) => Math.abs(value - features()[i]!) > 1e-7),
        name,
      ).toBe(true)
      variable.assign(held)
      held.dispose()
    }
    peft.dispose()
  })
})

describe('visualPrompts', () => {
  it.each(['deep', 'shallow'] as const)('%s: tokens at the end of the sequence', (kind) => {
    const peft = visualPrompts({ width, depth, length: 2, kind, prefix: 'net.' })
    expect(peft.variables()['net.Prompt_Tokens']!.shape).toEqual([kind === 'deep' ? 3 : 1, 2, 8])
    const tokens = tf.tidy(() => vit.tokens(images, { tuning: peft.tuning() }))
    expect(tokens.shape).toEqual([2, 1 + 4 + 2, 8])
    // A token of zeros takes part in attention all the same.
    expect(features(peft)).not.toEqual(features())
    tokens.dispose()
    peft.dispose()
  })
})

describe('dropout', () => {
  it('drops about the rate, keeps the mean, and repeats with its seed', () => {
    tf.tidy(() => {
      const x = tf.ones([100, 100])
      const kept = dropout(x, 0.1, createRng(1))
      const values = Array.from(kept.dataSync())
      const zeros = values.filter((value) => value === 0).length
      expect(zeros).toBeGreaterThan(850)
      expect(zeros).toBeLessThan(1150)
      expect(new Set(values.map((value) => value.toFixed(5)))).toEqual(new Set(['0.00000', (1 / 0.9).toFixed(5)]))
      expect(Array.from(dropout(x, 0.1, createRng(1)).dataSync())).toEqual(values)
      expect(dropout(x, 0, createRng(1))).toBe(x)
      expect(() => dropout(x, 1, createRng(1))).toThrow(/rate must be in/)
    })
  })
})

describe('tunedBackbone', () => {
  it.each(tuningKinds)('%s: a fingerprint for every state, and none left behind', (tuning) => {
    const before = tf.memory().numTensors
    const make = () =>
      tunedBackbone({
        backbone: vit,
        tuning,
        prefix: 'net.',
        rng: createRng(3),
        bottleneck: 2,
        dropout: 0,
        promptLength: 2,
      })
    const [tuned, other] = [make(), make()]
    const first = tuned.fingerprint
    expect(other.fingerprint).toBe(first)
    const [variable] = Object.values(tuned.variables())
    tf.tidy(() => {
      tuned.features(images, createRng(1))
      variable!.assign(tf.add(variable!, 1))
    })
    expect(tuned.fingerprint).not.toBe(first)
    other.restore(tuned.variables(), undefined)
    expect(other.fingerprint).toBe(tuned.fingerprint)
    for (const one of [tuned, other]) one.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('wants a transformer for all but fine-tuning', () => {
    const small: ResnetConfig = { layout: 'cifar', blocks: [1], channels: 2 }
    const resnet = createResnet(small, initResnet(small, createRng(1)), { name: 'resnet18' })
    expect(() => requireTransformer(resnet, 'EASE')).toThrow(/EASE reaches into a vision transformer, but resnet18/)
    resnet.dispose()
  })
})

describe('adapterStack', () => {
  it('keeps earlier sets as they were, and begins new ones', () => {
    const before = tf.memory().numTensors
    const stack = adapterStack({ width, depth, bottleneck: 2, prefix: 'net.', rng: createRng(3) })
    const bias = stack.current.variables()['net.cur_adapter.1.up_proj.bias']!
    tf.tidy(() => bias.assign(tf.fill([8], 7)))
    const trained = stack.fingerprint(0)
    stack.push(createRng(4))
    expect(stack.count).toBe(2)
    expect(Array.from(stack.variables()['net.adapter_list.0.1.up_proj.bias']!.dataSync())).toEqual(Array(8).fill(7))
    expect(Array.from(stack.variables()['net.cur_adapter.1.up_proj.bias']!.dataSync())).toEqual(Array(8).fill(0))
    expect(stack.fingerprint(1)).not.toBe(trained)

    const restored = adapterStack({ width, depth, bottleneck: 2, prefix: 'net.', rng: createRng(9) })
    restored.restore(stack.variables(), stack.json!())
    expect(restored.count).toBe(2)
    expect(restored.fingerprint(0)).toBe(stack.fingerprint(0))
    expect(restored.fingerprint(1)).toBe(stack.fingerprint(1))
    for (const one of [stack, restored]) one.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })
})
