import { describe, expect, it } from 'vitest'
import { readVitCard } from './vit-card'

describe('readVitCard', () => {
  // Arguments of timm 1.0.31's functions of these names (vision_transformer.py, deit.py).
  it.each([
    ['vit_huge_patch14_224', { heads: 16 }],
    ['vit_giant_patch14_224', { heads: 16 }],
    ['vit_gigantic_patch14_clip_224', { heads: 16, activation: 'gelu', layerNormEpsilon: 1e-5 }],
    ['deit3_huge_patch14_224', { heads: 16 }],
    ['vit_so400m_patch14_siglip_gap_224', { heads: 16, pool: 'average' }],
    ['vit_so400m_patch16_siglip_gap_256', { heads: 16, pool: 'average', activation: 'geluTanh' }],
    ['vit_base_patch16_clip_224', { activation: 'gelu', layerNormEpsilon: 1e-5 }],
    ['vit_base_patch16_clip_quickgelu_224', { activation: 'quickGelu', layerNormEpsilon: 1e-5 }],
    ['vit_medium_patch16_gap_240', { pool: 'average' }],
    ['vit_base_patch16_gap_224', { heads: 16, pool: 'average' }],
    ['vit_base_patch16_224', {}],
    ['deit_base_distilled_patch16_224', {}],
    ['vit_small_patch14_reg4_dinov2', {}],
  ])('knows what the name %s stands for', (architecture, expected) => {
    expect(readVitCard({ architecture })).toEqual(expected)
  })

  it('lets what is written go before what the name stands for', () => {
    const card = {
      architecture: 'vit_base_patch16_clip_224',
      global_pool: 'token',
      model_args: { act_layer: 'quick_gelu', num_heads: 4, fc_norm: null, img_size: 240, drop_path_rate: 0.1 },
    }
    expect(readVitCard(card)).toEqual({
      activation: 'quickGelu',
      heads: 4,
      layerNormEpsilon: 1e-5,
      pool: 'token',
    })
    expect(readVitCard({ global_pool: 'avg', model_args: { fc_norm: false, class_token: false } })).toEqual({
      pool: 'average',
      normAfterPool: false,
      classToken: false,
    })
  })

  it.each([
    ['vit_base_patch16_siglip_224', /"vit_base_patch16_siglip_224" asks for global_pool "map"/],
    ['vit_base_patch16_rpn_224', /block_fn "ResPostBlock"/],
    ['vit_large_patch14_xp_224', /block_fn "ParallelScalingBlock"/],
    ['vit_giant_patch14_dinov2', /mlp_layer "SwiGLU"/],
    ['vit_relpos_base_patch16_224', /pos_embed "relative"/],
    ['vit_intern300m_patch14_448', /final_norm false/],
  ])('refuses %s by what it has', (architecture, reason) => {
    expect(() => readVitCard({ architecture })).toThrow(reason)
  })

  it('names every argument that is not modelled, unknown ones too', () => {
    const card = { model_args: { qk_norm: true, act_layer: 'silu', global_pool: 'max', num_heads: -1, wobble: 3 } }
    expect(() => readVitCard(card)).toThrow(
      'the config.json asks for qk_norm true, act_layer "silu", global_pool "max", num_heads -1, wobble 3, which the vision ' +
        'transformer here does not have',
    )
  })
})
