import { describe, expect, it } from 'vitest'
import { blueprint, weightShapes } from './architecture'
import { architectures } from './architectures'
import { inferBlueprint } from './infer-blueprint'
import { vit } from './vit/vit-architecture'
import type { VitConfig } from './vit/vit-config'

const small: VitConfig = { imageSize: 32, patchSize: 8, width: 64, depth: 2, heads: 1 }
const shapesOf = (config: Partial<VitConfig> = {}) => weightShapes(blueprint(vit, { ...small, ...config }))

describe('inferBlueprint', () => {
  it('asks for what shapes do not tell', () => {
    const shapes = shapesOf({ width: 32, heads: 4 })
    expect(() => inferBlueprint(shapes)).toThrow(/width 32 is no multiple of 64; say how many heads/)
    const found = inferBlueprint(shapes, { known: { heads: 4 } })
    expect(found).toMatchObject({ architecture: vit, config: { heads: 4, imageSize: 32, depth: 2 } })
    expect(() => inferBlueprint({ 'head.weight': [1] })).toThrow(/none of these is there: patch_embed\.proj\.weight/)
    expect(() => inferBlueprint({ ...shapes, pos_embed: [1, 7, 32] }, { known: { heads: 4 } })).toThrow(
      /7 rows of pos_embed/,
    )
  })

  it('refuses a config with a name that the architecture does not have', () => {
    expect(() => inferBlueprint(shapesOf(), { known: { head: 4 } })).toThrow(/vision transformer.*"head"/s)
  })

  it.each<[string, Partial<VitConfig>]>([
    ['a distillation token', { distillationToken: true }],
    ['patches averaged after the norm, no class token', { classToken: false, pool: 'average', normAfterPool: false }],
    ['patches averaged before it', { classToken: false, pool: 'average', normAfterPool: true }],
    ['registers without positions', { registers: 4, positions: 'class-and-patches' }],
  ])('reads %s off the weights', (_, config) => {
    expect(inferBlueprint(shapesOf(config)).config).toMatchObject({ ...small, ...config })
  })

  it('does not guess which activation CLIP was trained with', () => {
    const shapes = shapesOf({ preNorm: true })
    expect(() => inferBlueprint(shapes)).toThrow(/GELU or with QuickGELU.*config\.json/)
    const card = { architecture: 'vit_base_patch16_clip_quickgelu_224' }
    expect(inferBlueprint(shapes, { card }).config).toMatchObject({ activation: 'quickGelu', layerNormEpsilon: 1e-5 })
  })

  it.each([
    ['attn_pool.latent', /attention pooling/],
    ['blocks.0.attn.q_norm.weight', /norms of queries and keys/],
    ['blocks.0.attn.rel_pos.relative_position_bias_table', /relative positions/],
    ['patch_embed.backbone.conv1.weight', /convolutional stem/],
  ])('refuses %s by name', (name, reason) => {
    expect(() => inferBlueprint({ ...shapesOf(), [name]: [64] })).toThrow(reason)
  })

  it('knows families by a list of values', () => {
    expect(() => inferBlueprint(shapesOf(), { among: architectures.filter(({ name }) => name !== 'vit') })).toThrow(
      /none of these is there: (?!.*vision transformer)/,
    )
  })
})
