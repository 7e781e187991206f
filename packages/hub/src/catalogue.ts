import type { Blueprint, PreprocessingRecipe, ResnetConfig, VitConfig } from '@pilotjs/core/backbones'
import { blueprint, preprocessingPresets, resnet as residual, vit as transformer } from '@pilotjs/core/backbones'

/** A pre-trained backbone that can be downloaded. */
export interface CatalogueEntry {
  /** timm's name with its tag: which weights. */
  readonly name: string
  /** The build, where its weights alone would not tell it; otherwise `imageSize` is enough. */
  readonly blueprint?: Blueprint
  /** Side of the images it was trained or is evaluated on, in pixels. */
  readonly imageSize?: number
  readonly preprocessing: PreprocessingRecipe
  /** Where the weights are on the Hugging Face Hub. */
  readonly repository: string
  /** Of the file with the weights, where it is known: then a file is recognised whatever it is called. */
  readonly sha256?: string
  /** What it was trained on. */
  readonly training: string
}

const { augreg, clip, deit, dinov2, half, imagenet, torchvision, a1 } = preprocessingPresets
/** torchvision's newer recipe: trained on smaller images, tested on nearly the whole one. */
const torchvision2 = { ...torchvision, cropFraction: 0.965 }
const lite = (cropFraction: number, interpolation: PreprocessingRecipe['interpolation'] = 'bicubic') => ({
  ...half,
  cropFraction,
  interpolation,
})

const sizes = {
  tiny: { width: 192, depth: 12, heads: 3 },
  small: { width: 384, depth: 12, heads: 6 },
  base: { width: 768, depth: 12, heads: 12 },
  large: { width: 1024, depth: 24, heads: 16 },
} as const

const vit16 = (size: keyof typeof sizes, patchSize = 16): VitConfig => ({ imageSize: 224, patchSize, ...sizes[size] })
const vit14 = (size: keyof typeof sizes, registers = 0): VitConfig => ({
  imageSize: 518,
  patchSize: 14,
  ...sizes[size],
  layerScale: true,
  ...(registers > 0 && { registers, positions: 'patches' }),
})

const clipTower = (patchSize: number): VitConfig => ({
  ...vit16('base', patchSize),
  preNorm: true,
  layerNormEpsilon: 1e-5,
  activation: 'quickGelu',
})

/**
 * Tags in timm's order: the first is what the name without a tag means.
 * @param build a number is the side of its images: the rest is told by name and weights
 */
function family(
  model: string,
  build: Blueprint | number,
  tags: readonly (readonly [tag: string, recipe: PreprocessingRecipe, training: string])[],
): CatalogueEntry[] {
  return tags.map(([tag, preprocessing, training]) => {
    const name = `${model}.${tag}`
    const size = typeof build === 'number' ? { imageSize: build } : { blueprint: build }
    return { name, ...size, preprocessing, training, repository: `timm/${name}` }
  })
}

const vit = (config: VitConfig) => blueprint(transformer, config)
const resnet = (blocks: readonly number[], block?: ResnetConfig['block']): Blueprint =>
  blueprint(residual, { layout: 'imagenet', blocks, block })
const in21k = 'ImageNet-21k'
const in21kThenIn1k = 'ImageNet-21k, then ImageNet-1k'
const in1k = 'ImageNet-1k'
const selfSupervised = 'LVD-142M, self-supervised'

/** Every backbone that is found by name: timm's (https://github.com/huggingface/pytorch-image-models), with timm's names. */
export const catalogue: readonly CatalogueEntry[] = [
  ...family('vit_tiny_patch16_224', vit(vit16('tiny')), [
    ['augreg_in21k_ft_in1k', augreg, in21kThenIn1k],
    ['augreg_in21k', augreg, in21k],
  ]),
  ...family('vit_small_patch16_224', vit(vit16('small')), [
    ['augreg_in21k_ft_in1k', augreg, in21kThenIn1k],
    ['augreg_in1k', augreg, in1k],
    ['augreg_in21k', augreg, in21k],
    ['dino', deit, `${in1k}, self-supervised`],
  ]),
  ...family('vit_base_patch32_224', vit(vit16('base', 32)), [
    ['augreg_in21k_ft_in1k', augreg, in21kThenIn1k],
    ['augreg_in1k', augreg, in1k],
    ['augreg_in21k', augreg, in21k],
  ]),
  ...family('vit_base_patch16_224', vit(vit16('base')), [
    ['augreg2_in21k_ft_in1k', augreg, in21kThenIn1k],
    ['augreg_in21k_ft_in1k', augreg, in21kThenIn1k],
    ['augreg_in1k', augreg, in1k],
    ['augreg_in21k', augreg, in21k],
    ['dino', deit, `${in1k}, self-supervised`],
    ['mae', deit, `${in1k}, self-supervised`],
  ]),
  ...family('vit_large_patch16_224', vit(vit16('large')), [
    ['augreg_in21k_ft_in1k', augreg, in21kThenIn1k],
    ['augreg_in21k', augreg, in21k],
  ]),
  ...family('deit_tiny_patch16_224', vit(vit16('tiny')), [['fb_in1k', deit, in1k]]),
  ...family('deit_small_patch16_224', vit(vit16('small')), [['fb_in1k', deit, in1k]]),
  ...family('deit_base_patch16_224', vit(vit16('base')), [['fb_in1k', deit, in1k]]),
  ...(['tiny', 'small', 'base'] as const).flatMap((size) =>
    family(`deit_${size}_distilled_patch16_224`, vit({ ...vit16(size), distillationToken: true }), [
      ['fb_in1k', deit, `${in1k}, distilled`],
    ]),
  ),
  ...([16, 32] as const).flatMap((patch) =>
    family(`vit_base_patch${patch}_clip_quickgelu_224`, vit(clipTower(patch)), [
      ['openai', { ...clip, cropFraction: patch === 16 ? 0.9 : 1 }, 'image–text pairs (CLIP)'],
    ]),
  ),
  ...(['small', 'base', 'large'] as const).flatMap((size) => [
    ...family(`vit_${size}_patch14_dinov2`, vit(vit14(size)), [['lvd142m', dinov2, selfSupervised]]),
    ...family(`vit_${size}_patch14_reg4_dinov2`, vit(vit14(size, 4)), [['lvd142m', dinov2, selfSupervised]]),
  ]),
  ...family('resnet18', resnet([2, 2, 2, 2]), [
    ['a1_in1k', a1, in1k],
    ['tv_in1k', torchvision, in1k],
  ]),
  ...family('resnet34', resnet([3, 4, 6, 3]), [
    ['a1_in1k', a1, in1k],
    ['tv_in1k', torchvision, in1k],
  ]),
  ...family('resnet50', resnet([3, 4, 6, 3], 'bottleneck'), [
    ['a1_in1k', a1, in1k],
    ['tv_in1k', torchvision, in1k],
    ['tv2_in1k', torchvision2, in1k],
  ]),
  ...family('resnet101', resnet([3, 4, 23, 3], 'bottleneck'), [['tv2_in1k', torchvision2, in1k]]),
  ...family('resnet152', resnet([3, 8, 36, 3], 'bottleneck'), [['tv2_in1k', torchvision2, in1k]]),
  ...family('tf_efficientnet_lite0', 224, [['in1k', lite(0.875), in1k]]),
  ...family('tf_efficientnet_lite1', 240, [['in1k', lite(0.882), in1k]]),
  ...family('tf_efficientnet_lite2', 260, [['in1k', lite(0.89), in1k]]),
  ...family('tf_efficientnet_lite3', 300, [['in1k', lite(0.904, 'bilinear'), in1k]]),
  ...family('tf_efficientnet_lite4', 380, [['in1k', lite(0.92, 'bilinear'), in1k]]),
  ...family('mobilenetv2_100', 224, [['ra_in1k', imagenet, in1k]]),
  ...(['tiny', 'small', 'base'] as const).flatMap((size) =>
    family(`convnext_${size}`, 224, [
      ['fb_in22k_ft_in1k', imagenet, 'ImageNet-22k, then ImageNet-1k'],
      ['fb_in1k', imagenet, in1k],
      ['fb_in22k', imagenet, 'ImageNet-22k'],
    ]),
  ),
]
