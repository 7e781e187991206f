import * as z from 'zod'
import type { Architecture, WeightShapes } from '../architecture'
import { countBlocks } from '../count-blocks'
import { type ArgumentRule, commonArguments, irrelevant, only, readArguments, refuseNames } from '../read-card'
import { createResnet, initResnet, isUnusedInResnet } from './resnet'
import { type ResnetConfig, resnetSpec, resnetWeightShapes } from './resnet-config'

const count = /* @__PURE__ */ (() => z.int().positive())()

const configSchema: z.ZodType<ResnetConfig> = /* @__PURE__ */ (() =>
  z.strictObject({
    layout: z.enum(['imagenet', 'cifar']),
    blocks: z.array(count).min(1),
    block: z.enum(['basic', 'bottleneck']).optional(),
    channels: count.optional(),
    imageSize: count.optional(),
    batchNormEpsilon: z.number().positive().optional(),
  }))()

/** timm's arguments of a `ResNet`; stems, groups and blocks that are built otherwise are refused. */
const rules: Readonly<Record<string, ArgumentRule<ResnetConfig>>> = {
  ...commonArguments,
  block: irrelevant,
  layers: irrelevant,
  global_pool: only('avg'),
  act_layer: only('relu'),
  norm_layer: only('batchnorm', 'batchnorm2d'),
  output_stride: only(32),
  cardinality: only(1),
  base_width: only(64),
  stem_type: only(''),
  stem_width: only(64),
  replace_stem_pool: only(false),
  avg_down: only(false),
  zero_init_last: irrelevant,
}

/** Of timm's names, those of networks that are built otherwise: their shapes do not always tell (blur pooling has no weights). */
const unlike =
  /^(.*(resnext|blur|resnetrs|resnetaa|wide_|legacy_)|(se|sk|eca|gc|lambda)\w*resnet)|^resnet\d+[a-z]+(?=_|$)/

function infer(shapes: WeightShapes, known: Partial<ResnetConfig> = {}): ResnetConfig | undefined {
  const cifar = 'conv_1_3x3.weight' in shapes
  const stem = shapes[cifar ? 'conv_1_3x3.weight' : 'conv1.weight']
  if (!stem) return undefined
  const blocks: number[] = []
  for (;;) {
    const stage = cifar ? `stage_${blocks.length + 1}` : `layer${blocks.length + 1}`
    const found = countBlocks(shapes, new RegExp(`^${stage}\\.(\\d+)\\.`))
    if (found === 0) break
    blocks.push(found)
  }
  // Another family's stem may be called the same.
  if (blocks.length === 0) return undefined
  return {
    layout: cifar ? 'cifar' : 'imagenet',
    blocks,
    block: 'layer1.0.conv3.weight' in shapes ? 'bottleneck' : 'basic',
    channels: stem[0],
    ...known,
  }
}

/** Residual networks (He et al., CVPR 2016), as timm and torchvision, or PyCIL (`layout: 'cifar'`), name their weights. */
export const resnet: Architecture<ResnetConfig> = {
  name: 'resnet',
  noun: 'a residual network',
  configSchema,
  create: createResnet,
  initialize: initResnet,
  weightShapes: resnetWeightShapes,
  sizes: (config) => {
    const { imageSize, width } = resnetSpec(config)
    return { imageSize, width }
  },
  landmarks: ['conv1.weight', 'conv_1_3x3.weight'],
  infer,
  readCard(card) {
    refuseNames('the residual network', card, unlike)
    const size = card.imageSize === undefined ? {} : { imageSize: card.imageSize }
    return { ...size, ...readArguments('the residual network', card, rules) }
  },
  ignores: isUnusedInResnet,
}
