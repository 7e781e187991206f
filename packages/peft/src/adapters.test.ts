import { createVit, initVit } from '@pilotjs/core/backbones'
import { createRng } from '@pilotjs/core/random'
import type { TuningModule } from '@pilotjs/core'
import type { Rng } from '@pilotjs/core/random'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, describe, expect, it } from 'vitest'
import { adapters } from './adapters'

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

describe('adapters', () => {
  const make = () => adapters({ bottleneck: 3, rng: createRng(3), dropout: 0.5 }).attach(vit)

  it('begin as nothing', () => {
    const module = make()
    expect(Object.keys(module.variables())).toHaveLength(4 * vit.depth)
    expect(module.variables()['blocks.2.adaptmlp.down_proj.weight']!.shape).toEqual([3, 8])
    near(features(module), features())
    module.dispose()
  })

  it('add scale · up(relu(down x)) to a block', () => {
    const module = make()
    const set = (name: string, value: number) => {
      const variable = module.variables()[`blocks.0.adaptmlp.${name}`]!
      tf.tidy(() => variable.assign(tf.fill(variable.shape, value)))
    }
    set('down_proj.weight', 1)
    set('up_proj.weight', 2)
    set('up_proj.bias', 5)
    tf.tidy(() => {
      const input = tf.tensor3d([1, 2, 0, 0, 0, 0, 0, 0, -1, 0, 0, 0, 0, 0, 0, 0], [1, 2, 8])
      const added = module.tuning().branch!(input, 0)!
      const firsts = Array.from(tf.slice(added, [0, 0, 0], [1, 2, 1]).dataSync())
      near(firsts, [0.1 * (3 * 3 * 2 + 5), 0.1 * 5])
    })
    module.dispose()
  })

  it('drop activations in training only, as its generator says', () => {
    const module = make()
    for (const variable of Object.values(module.variables())) tf.tidy(() => variable.assign(tf.ones(variable.shape)))
    const branch = (training?: Rng) =>
      tf.tidy(() => {
        const mode = training && { training }
        return Array.from(module.tuning(mode).branch!(tf.ones([1, 9, 8]), 1)!.dataSync())
      })
    // Three activations of 9 each, up and bias of 1, times 0.1.
    near(
      branch(),
      branch().map(() => 2.8),
    )
    expect(branch(createRng(1))).toEqual(branch(createRng(1)))
    expect(branch(createRng(1))).not.toEqual(branch(createRng(2)))
    // Half of the activations count double: every number is one of four.
    const possible = [0, 1, 2, 3].map((kept) => (0.1 * (18 * kept + 1)).toFixed(4))
    expect(branch(createRng(1)).every((value) => possible.includes(value.toFixed(4)))).toBe(true)
    module.dispose()
  })

  it('start anew from what the generator gives next, and need a transformer', () => {
    const kind = adapters({ bottleneck: 3, rng: createRng(3) })
    const [first, second] = [kind.attach(vit), kind.attach(vit)]
    const name = 'blocks.0.adaptmlp.down_proj.weight'
    expect(second.variables()[name]!.dataSync()).not.toEqual(first.variables()[name]!.dataSync())
    second.restore(first.variables(), undefined)
    expect(second.variables()[name]!.dataSync()).toEqual(first.variables()[name]!.dataSync())
    for (const module of [first, second]) module.dispose()
    const resnet = { ...vit, architecture: 'resnet', name: 'resnet18' }
    delete (resnet as { tokens?: unknown }).tokens
    expect(() => kind.attach(resnet)).toThrow(/an adapter reaches into a vision transformer, but resnet18/)
  })
})
