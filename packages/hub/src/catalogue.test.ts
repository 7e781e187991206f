import { describe, expect, it } from 'vitest'
import { inferBlueprint, sizesOf, weightShapes } from '@pilotjs/core/backbones'
import { catalogue } from './catalogue'
import type { CatalogueEntry } from './catalogue'
import { backboneNames, findBackbone, registerBackbone } from './registry'

const entryOf = (name: string) => findBackbone(name) as CatalogueEntry
const parameters = (name: string) =>
  Object.entries(weightShapes(entryOf(name).blueprint!))
    .filter(([key]) => !key.includes('running_'))
    .reduce((sum, [, shape]) => sum + shape.reduce((product, length) => product * length, 1), 0)

describe('the catalogue', () => {
  // Published parameter counts (timm's results tables), less those of the classification head.
  it.each([
    ['vit_tiny_patch16_224', 5_717_416 - 193_000],
    ['vit_small_patch16_224', 22_050_664 - 385_000],
    ['vit_base_patch16_224', 86_567_656 - 769_000],
    ['vit_large_patch16_224', 304_326_632 - 1_025_000],
    ['deit_small_patch16_224', 22_050_664 - 385_000],
    // Meta's counts hold a mask token, which timm leaves out.
    ['vit_small_patch14_dinov2', 22_056_576 - 384],
    ['vit_base_patch14_dinov2', 86_580_480 - 768],
    // With registers, timm also adds the class token's row of the position embedding to the token itself.
    ['vit_base_patch14_reg4_dinov2', 86_580_480 - 768 + 4 * 768 - 768],
    // With the distillation token, its position and a second head.
    ['deit_base_distilled_patch16_224', 87_338_192 - 2 * 769_000],
    ['resnet18', 11_689_512 - 513_000],
    ['resnet50', 25_557_032 - 2_049_000],
    ['resnet101', 44_549_160 - 2_049_000],
    ['resnet152', 60_192_808 - 2_049_000],
  ])('%s has %i parameters', (name, expected) => {
    expect(parameters(name)).toBe(expected)
  })

  it('holds each name once, and shapes that tell the architecture again', () => {
    expect(new Set(catalogue.map(({ name }) => name)).size).toBe(catalogue.length)
    for (const { name, blueprint } of catalogue) {
      if (!blueprint) continue
      const inferred = inferBlueprint(weightShapes(blueprint), { card: { architecture: name.split('.')[0] } })
      expect(inferred.architecture).toBe(blueprint.architecture)
      expect(weightShapes(inferred)).toEqual(weightShapes(blueprint))
      expect(sizesOf(inferred).width).toBe(sizesOf(blueprint).width)
      if (blueprint.architecture.name === 'vit') {
        expect(sizesOf(inferred).imageSize).toBe(sizesOf(blueprint).imageSize)
        expect(inferred.config).toMatchObject(blueprint.config)
      }
    }
  })
})

describe('findBackbone', () => {
  it.each([
    ['vit_base_patch16_224', 'vit_base_patch16_224.augreg2_in21k_ft_in1k'],
    ['vit_base_patch16_224.augreg_in21k', 'vit_base_patch16_224.augreg_in21k'],
    ['vit_small_patch16_224_in21k', 'vit_small_patch16_224.augreg_in21k'],
    ['pretrained_vit_b16_224', 'vit_base_patch16_224.augreg_in21k_ft_in1k'],
    ['pretrained_vit_b16_224_in21k', 'vit_base_patch16_224.augreg_in21k'],
    ['pretrained_vit_b16_224_in21k_adapter', 'vit_base_patch16_224.augreg_in21k'],
    ['vit_base_patch16_224_l2p', 'vit_base_patch16_224.augreg_in21k_ft_in1k'],
    ['vit_base_patch16_224_in21k_coda_prompt', 'vit_base_patch16_224.augreg_in21k'],
    ['resnet18', 'resnet18.a1_in1k'],
    ['pretrained_resnet18', 'resnet18.tv_in1k'],
    ['pretrained_resnet50', 'resnet50.tv2_in1k'],
  ])('%s is %s', (name, expected) => {
    expect(findBackbone(name).name).toBe(expected)
  })

  it('suggests the nearest name', () => {
    expect(() => findBackbone('vit_bas_patch16_224')).toThrow(/did you mean "vit_base_patch16_224"\?/)
    expect(() => findBackbone('pretrained_resnet18_ssf')).toThrow(/cannot be had: scale and shift .* transformers only/)
    expect(() => findBackbone('resnet32')).toThrow(/cannot be had: it is trained from scratch on CIFAR/)
    expect(() => findBackbone('resnet-50')).toThrow(/did you mean "resnet50"\?/)
    expect(() => findBackbone('a completely different thing')).toThrow(/is not known\. Known are timm names/)
  })

  it('knows what a package registers', () => {
    const load = () => Promise.reject(new Error('not loaded in this test'))
    registerBackbone({ name: 'vit_of_mine', load })
    expect(findBackbone('vit_of_mine')).toEqual({ name: 'vit_of_mine', load })
    expect(backboneNames()).toContain('vit_of_mine')
  })
})
