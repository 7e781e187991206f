import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core'
import { afterAll, describe, expect, it } from 'vitest'
import type { Tuning } from '../../contracts/backbone'
import { createRng } from '../../random/rng'
import { createVariables } from '../../parameters/variables'
import { gradientsOf } from '../../training/gradients'
import { numbers, sample } from '../../testing/finite-differences'
import { tinyConfig, tinyVit } from '../../testing/tiny-vit'
import { createVit, initVit } from './vit'
import type { VitConfig } from './vit-config'

const largest = (a: Tensor, b: Tensor) => tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!)

describe('a vision transformer', () => {
  const { vit, images, features } = tinyVit()
  afterAll(() => {
    vit.dispose()
    tf.dispose([images, features])
  })

  it("computes timm's features to 2e-6 and leaves no tensor behind", () => {
    const before = tf.memory().numTensors
    const own = vit.features(images)
    expect(own.shape).toEqual([4, 32])
    expect(largest(own, features)).toBeLessThan(2e-6)
    own.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('is the sum of its pieces', () => {
    tf.tidy(() => {
      const trunk = vit.blocks(vit.embed(images), 0, 4)
      expect(largest(vit.pool(vit.blocks(trunk, 4, vit.depth)), features)).toBeLessThan(2e-6)
      const read = vit.blocks(trunk, 4, vit.depth, {}, vit.pooledTokens)
      expect(read.shape).toEqual([4, 1, 32])
      expect(largest(vit.pool(read), features)).toBeLessThan(2e-6)
      const tokens = vit.tokens(images)
      expect(tokens.shape).toEqual([4, 17, 32])
      expect(largest(tf.reshape(tf.slice(tokens, [0, 0, 0], [4, 1, 32]), [4, 32]), features)).toBeLessThan(2e-6)
    })
  })

  it('takes parameters in place of its own, and differentiates by these alone', () => {
    const trained = createVariables({ 'norm.bias': tf.ones([32]), 'blocks.5.attn.proj.weight': tf.zeros([32, 32]) })
    const { gradients } = tf.tidy(() =>
      gradientsOf(() => tf.mean(vit.features(images, { parameters: trained })) as tf.Scalar, trained),
    )
    expect(Object.keys(gradients).sort()).toEqual(['blocks.5.attn.proj.weight', 'norm.bias'])
    // The bias adds to every feature alike: d mean / d bias = 1/32.
    for (const slope of numbers(gradients['norm.bias']!)) expect(slope).toBeCloseTo(1 / 32, 6)
    tf.dispose([gradients, trained] as never)
  })

  describe('computes a range of tokens as it does all of them', () => {
    const classToken = { first: 0, count: 1 }
    const middle = { first: 3, count: 7 }
    const pair = { keys: sample([1, 3, 32], 1) as Tensor3D, values: sample([1, 3, 32], 2) as Tensor3D }
    const ownWay: Record<string, Tuning> = {
      'without tuning': {},
      'behind a prefix': { prefix: () => pair },
      'with a changed projection': { qkv: (projected) => tf.mul(projected, 1.1) },
      'after scales': { modulate: (output) => tf.mul(output, 0.9) },
      'beside adapters': {
        besideAttention: (input) => tf.mul<Tensor3D>(input, 0.1),
        branch: (input) => tf.relu(input),
      },
    }

    it.each(Object.entries(ownWay))('%s', (_, tuning) => {
      tf.tidy(() => {
        const all = vit.tokens(images, { tuning })
        for (const { first, count } of [classToken, middle]) {
          const some = vit.tokens(images, { tuning }, { first, count })
          expect(some.shape).toEqual([4, count, 32])
          expect(largest(some, tf.slice(all, [0, first, 0], [-1, count, -1]))).toBeLessThan(3e-6)
        }
      })
    })

    it('with the gradients of all', () => {
      const last = Object.entries(vit.parameters).filter(([name]) => /^blocks\.[45]\./.test(name))
      const trained = createVariables(Object.fromEntries(last))
      const slopes = (features: () => Tensor) =>
        gradientsOf(() => tf.sum(tf.mul(features(), sample([1, 32], 3))) as tf.Scalar, trained).gradients
      tf.tidy(() => {
        const options = { parameters: trained }
        const few = slopes(() => vit.features(images, options))
        const whole = slopes(() => tf.slice(vit.tokens(images, options), [0, 0, 0], [-1, 1, -1]))
        expect(Object.keys(few).sort()).toEqual(Object.keys(trained).sort())
        for (const [name, slope] of Object.entries(whole))
          expect(largest(few[name]!, slope), name).toBeLessThan(2e-5 * (1 + largest(slope, tf.zerosLike(slope))))
      })
      tf.dispose(trained as never)
    })
  })

  it('says what images it takes', () => {
    expect(() => vit.features(tf.zeros([1, 3, 32, 32]) as Tensor4D)).toThrow(
      'images must be [batch, 32, 32, 3], got [1, 3, 32, 32]',
    )
  })

  it('has a fingerprint that follows the weights', async () => {
    expect(await vit.fingerprint()).toMatch(/^[0-9a-f]{32}$/)
    const again = tinyVit()
    expect(await again.vit.fingerprint()).toBe(await vit.fingerprint())
    const weights = Object.fromEntries(Object.entries(vit.parameters).map(([name, tensor]) => [name, tf.clone(tensor)]))
    const moved = createVit(tinyConfig, { ...weights, 'norm.bias': tf.add(weights['norm.bias']!, 1e-6) })
    expect(await moved.fingerprint()).not.toBe(await vit.fingerprint())
    again.vit.dispose()
    moved.dispose()
  })

  describe('lets tuning reach', () => {
    const run = (tuning: Tuning) => tf.tidy(() => largest(vit.features(images, { tuning }), features))

    it('the embedded sequence, with its positions', () => {
      const seen: number[][] = []
      const tokens = vit.tokens(images, {
        tuning: {
          embed(sequence, { positions, prefixTokens }) {
            seen.push(sequence.shape, positions.shape, [prefixTokens])
            return tf.concat([sequence, tf.ones([4, 2, 32])], 1)
          },
        },
      })
      expect(tokens.shape).toEqual([4, 19, 32])
      expect(seen).toEqual([[4, 17, 32], [1, 17, 32], [1]])
      tokens.dispose()
    })

    it('every block as it is entered', () => {
      const blocks: number[] = []
      expect(run({ enter: (tokens, block) => (blocks.push(block), tokens) })).toBeLessThan(2e-6)
      expect(blocks).toEqual([0, 1, 2, 3, 4, 5])
    })

    it('keys and values, given once for the whole batch or for each image', () => {
      const pair = (batch: number) => ({
        keys: tf.tile(sample([1, 3, 32], 1), [batch, 1, 1]) as Tensor3D,
        values: tf.tile(sample([1, 3, 32], 2), [batch, 1, 1]) as Tensor3D,
      })
      tf.tidy(() => {
        const shared = vit.features(images, { tuning: { prefix: (block) => (block === 2 ? pair(1) : undefined) } })
        const each = vit.features(images, { tuning: { prefix: (block) => (block === 2 ? pair(4) : undefined) } })
        expect(largest(shared, each)).toBeLessThan(2e-6)
        expect(largest(shared, features)).toBeGreaterThan(1e-3)
      })
    })

    it('the joint projection: what LoRA adds is what a changed weight would', () => {
      tf.tidy(() => {
        const change = tf.mul(sample([96, 32], 7), 0.05) as Tensor2D
        const name = 'blocks.1.attn.qkv.weight'
        const merged = vit.features(images, { parameters: { [name]: tf.add(vit.parameters[name]!, change) } })
        const added = vit.features(images, {
          tuning: {
            qkv: (projected, input, block) =>
              block === 1
                ? tf.add(
                    projected,
                    tf.reshape(
                      tf.matMul(tf.reshape(input, [-1, 32]) as Tensor2D, change, false, true),
                      projected.shape,
                    ),
                  )
                : projected,
          },
        })
        expect(largest(merged, added)).toBeLessThan(5e-6)
      })
    })

    it('beside the MLP, with the residual stream before its norm', () => {
      expect(run({ branch: () => undefined })).toBeLessThan(2e-6)
      expect(run({ branch: (input) => tf.zerosLike(input) })).toBeLessThan(2e-6)
      expect(run({ branch: (input, block) => (block === 5 ? input : undefined) })).toBeGreaterThan(1e-3)
    })

    it("after every linear layer and norm, by timm's names", () => {
      const sites = new Set<string>()
      const modulate = <T extends Tensor>(output: T, site: string): T => (sites.add(site), output)
      expect(run({ modulate })).toBeLessThan(2e-6)
      expect(sites.size).toBe(6 * 6 + 2)
      for (const site of ['patch_embed.proj', 'blocks.0.norm1', 'blocks.3.attn.qkv', 'blocks.5.mlp.fc2', 'norm']) {
        expect(sites).toContain(site)
      }
    })
  })
})

describe('createVit', () => {
  const small: VitConfig = { imageSize: 8, patchSize: 4, width: 6, depth: 2, heads: 2 }
  const image = tf.keep(sample([2, 8, 8, 3])) as Tensor4D
  const make = (config: Partial<VitConfig>) => {
    const full = { ...small, ...config }
    return createVit(full, initVit(full, createRng(3)))
  }

  it('builds every variant, each with a prefix and weights of its own', () => {
    const variants: [Partial<VitConfig>, string[], number][] = [
      [{}, ['cls_token', 'norm.weight'], 1],
      [{ registers: 3 }, ['reg_token'], 4],
      [{ registers: 3, positions: 'class-and-patches' }, ['reg_token'], 4],
      [{ registers: 3, positions: 'patches', layerScale: true }, ['blocks.1.ls2.gamma'], 4],
      [{ classToken: false, pool: 'average' }, ['fc_norm.weight'], 0],
      [{ preNorm: true, qkvBias: false }, ['norm_pre.bias'], 1],
    ]
    for (const [config, names, prefix] of variants) {
      const vit = make(config)
      expect(Object.keys(vit.parameters)).toEqual(expect.arrayContaining(names))
      expect(vit.prefixTokens).toBe(prefix)
      const tokens = vit.tokens(image)
      expect(tokens.shape).toEqual([2, prefix + 4, 6])
      expect(numbers(vit.features(image)).every(Number.isFinite)).toBe(true)
      tokens.dispose()
      vit.dispose()
    }
  })

  it('gives registers no position where the embedding leaves them out', () => {
    for (const positions of ['all', 'class-and-patches', 'patches'] as const) {
      const vit = make({ registers: 2, positions })
      let table: number[] = []
      tf.dispose(
        vit.features(image, {
          tuning: { embed: (tokens, site) => ((table = Array.from(site.positions.dataSync())), tokens) },
        }),
      )
      const rows = Array.from({ length: 7 }, (_, row) => table.slice(row * 6, row * 6 + 6).some((value) => value !== 0))
      const zero = { all: [], 'class-and-patches': [1, 2], patches: [0, 1, 2] }[positions] as number[]
      expect(rows).toEqual(Array.from({ length: 7 }, (_, row) => !zero.includes(row)))
      vit.dispose()
    }
  })

  it('drops what belongs to a head of pre-training', () => {
    const vit = createVit(small, {
      ...initVit(small, createRng(1)),
      'head.weight': tf.zeros([10, 6]),
      'head.bias': tf.zeros([10]),
    })
    expect(Object.keys(vit.parameters).filter((name) => name.startsWith('head'))).toEqual([])
    vit.dispose()
  })

  it('says in one error which weights are missing, misshapen and unknown', () => {
    const { cls_token, ...rest } = initVit(small, createRng(1))
    tf.dispose(cls_token!)
    const wrong = { ...rest, 'norm.bias': tf.zeros([7]), 'blocks.2.norm1.bias': tf.zeros([6]) }
    expect(() => createVit(small, wrong, { name: 'mine' })).toThrow(
      'mine: the weights do not fit the architecture. missing: cls_token [1, 1, 6]. wrong shape: norm.bias is [7], not [6]. ' +
        'unknown: blocks.2.norm1.bias [6].',
    )
    tf.dispose(wrong)
  })

  it('refuses sizes that do not fit each other', () => {
    expect(() => make({ imageSize: 10 })).toThrow('imageSize 10 must be a multiple of patchSize 4')
    expect(() => make({ heads: 4 })).toThrow('heads 4 must divide width 6')
    expect(() => make({ depth: 0 })).toThrow('depth must be a positive integer, got 0')
    expect(() => make({ classToken: false })).toThrow(/needs classToken/)
  })

  it('takes positions of another grid', () => {
    const large = { ...small, imageSize: 16 }
    const vit = createVit(large, initVit(small, createRng(1)))
    expect(vit.parameters.pos_embed!.shape).toEqual([1, 17, 6])
    vit.dispose()
  })
})
