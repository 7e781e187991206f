import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import * as z from 'zod'
import type { Backbone, BackboneMeta } from '../contracts/backbone'
import type { NamedTensors } from '../contracts/tensors'
import { depthwiseConvolution } from '../ops/depthwise-convolution'
import { gelu } from '../ops/gelu'
import { layerNorm } from '../ops/layer-norm'
import { linear } from '../ops/linear'
import type { Rng } from '../random/rng'
import type { Architecture, TimmCard, WeightShapes } from './architecture'
import { type ConvolutionalPass, padded } from './convolution'
import { convolutionalBackbone, initConvolutional } from './convolutional-backbone'
import { cannotInfer, countBlocks } from './count-blocks'
import { preprocessingPresets } from './preprocessing'
import { type ArgumentRule, commonArguments, irrelevant, only, readArguments, refuseNames } from './read-card'

/** The architecture of a ConvNeXt (Liu et al., CVPR 2022) or ConvNeXt V2 (Woo et al., CVPR 2023), in timm's terms. */
export interface ConvNextConfig {
  /** Blocks per stage. */
  readonly depths: readonly number[]
  /** Channels per stage; the last is the numbers per image. */
  readonly widths: readonly number[]
  /** Side of the depthwise kernel. Default 7. */
  readonly kernel?: number
  /** Side and stride of the stem's patches. Default 4. */
  readonly patchSize?: number
  /** A learned scale per channel at the end of every block. Default true; V2 has none. */
  readonly layerScale?: boolean
  /** Global response normalisation inside the MLP: V2. Default false. */
  readonly responseNorm?: boolean
  /** Whether timm keeps the MLP's layers as 1×1 convolutions (`conv_mlp`). Default false. */
  readonly convolutionalMlp?: boolean
  /** Default 1e-6. */
  readonly layerNormEpsilon?: number
  /** Side of the square input that the preprocessing aims at. Default 224. */
  readonly imageSize?: number
}

const count = /* @__PURE__ */ (() => z.int().positive())()
const configSchema: z.ZodType<ConvNextConfig> = /* @__PURE__ */ (() =>
  z.strictObject({
    depths: z.array(count).min(1),
    widths: z.array(count).min(1),
    kernel: count.optional(),
    patchSize: count.optional(),
    layerScale: z.boolean().optional(),
    responseNorm: z.boolean().optional(),
    convolutionalMlp: z.boolean().optional(),
    layerNormEpsilon: z.number().positive().optional(),
    imageSize: count.optional(),
  }))()

const filled = (config: ConvNextConfig) => ({
  kernel: 7,
  patchSize: 4,
  layerScale: true,
  responseNorm: false,
  convolutionalMlp: false,
  layerNormEpsilon: 1e-6,
  imageSize: 224,
  ...(Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined)) as typeof config),
})

/** Name and shape of every weight, in timm's order. */
function weightShapes(config: ConvNextConfig): Record<string, number[]> {
  const { depths, widths, kernel, patchSize, layerScale, responseNorm, convolutionalMlp } = filled(config)
  if (depths.length !== widths.length)
    throw new Error(
      `ConvNeXt: depths (${depths.join(', ')}) and widths (${widths.join(', ')}) are for different stages`,
    )
  const both = (name: string, weight: number[]) => ({ [`${name}.weight`]: weight, [`${name}.bias`]: [weight[0]!] })
  const tail = convolutionalMlp ? [1, 1] : []
  const shapes: Record<string, number[]> = {
    ...both('stem.0', [widths[0]!, 3, patchSize, patchSize]),
    ...both('stem.1', [widths[0]!]),
  }
  widths.forEach((width, stage) => {
    const at = `stages.${stage}`
    const before = widths[stage - 1]
    if (before !== undefined)
      Object.assign(shapes, both(`${at}.downsample.0`, [before]), both(`${at}.downsample.1`, [width, before, 2, 2]))
    for (let index = 0; index < depths[stage]!; index++) {
      const block = `${at}.blocks.${index}`
      Object.assign(
        shapes,
        layerScale && { [`${block}.gamma`]: [width] },
        both(`${block}.conv_dw`, [width, 1, kernel, kernel]),
        both(`${block}.norm`, [width]),
        both(`${block}.mlp.fc1`, [4 * width, width, ...tail]),
        responseNorm && both(`${block}.mlp.grn`, [4 * width]),
        both(`${block}.mlp.fc2`, [width, 4 * width, ...tail]),
      )
    }
  })
  return { ...shapes, ...both('head.norm', [widths.at(-1)!]) }
}

type Full = ReturnType<typeof filled>

/** A convolution with bias whose kernels stand side by side: [batch, h, w, from] → [batch, h / size, w / size, to]. */
function patches(pass: ConvolutionalPass, x: Tensor4D, name: string): Tensor4D {
  const kernel = tf.transpose(pass.weight(`${name}.weight`), [2, 3, 1, 0]) as Tensor4D
  return tf.add(tf.conv2d(x, kernel, kernel.shape[0], 'valid'), pass.weight(`${name}.bias`))
}

/** x + bias + weight · x · ‖x‖ / mean of ‖x‖ over channels, the norms over pixels (Woo et al., 2023, equation 4). */
function normaliseResponses(x: Tensor4D, weight: Tensor, bias: Tensor): Tensor4D {
  const norms = tf.sqrt(tf.sum(tf.square(x), [1, 2], true))
  const relative = tf.div(norms, tf.add(tf.mean(norms, -1, true), 1e-6))
  return tf.add(x, tf.add(tf.mul(tf.mul(x, relative), weight), bias))
}

function features(pass: ConvolutionalPass, config: Full, images: Tensor4D): Tensor2D {
  const { depths, kernel, layerScale, responseNorm, layerNormEpsilon } = config
  const { weight } = pass
  const norm = <T extends Tensor>(x: T, name: string): T =>
    layerNorm(x, weight(`${name}.weight`), weight(`${name}.bias`), layerNormEpsilon)
  const dense = (x: Tensor4D, name: string): Tensor4D => {
    const matrix = weight(`${name}.weight`)
    const [to, from] = matrix.shape as [number, number]
    const rows = tf.reshape(x, [-1, from]) as Tensor2D
    const y = linear(rows, tf.reshape(matrix, [to, from]) as Tensor2D, weight(`${name}.bias`))
    const [batch, height, width] = x.shape
    return tf.reshape(y, [batch, height, width, to]) as Tensor4D
  }
  const block = (x: Tensor4D, site: string): Tensor4D => {
    const around = (kernel - 1) / 2
    const own = tf.transpose(weight(`${site}.conv_dw.weight`), [2, 3, 0, 1]) as Tensor4D
    const mixed: Tensor4D = tf.add(
      depthwiseConvolution(padded(x, [around, around]), own, 1),
      weight(`${site}.conv_dw.bias`),
    )
    let y = gelu(dense(norm(mixed, `${site}.norm`), `${site}.mlp.fc1`))
    if (responseNorm) y = normaliseResponses(y, weight(`${site}.mlp.grn.weight`), weight(`${site}.mlp.grn.bias`))
    y = dense(y, `${site}.mlp.fc2`)
    return tf.add(x, layerScale ? tf.mul(y, weight(`${site}.gamma`)) : y)
  }
  let x = norm(patches(pass, images, 'stem.0'), 'stem.1')
  depths.forEach((depth, stage) => {
    if (stage > 0) x = patches(pass, norm(x, `stages.${stage}.downsample.0`), `stages.${stage}.downsample.1`)
    for (let index = 0; index < depth; index++) x = block(x, `stages.${stage}.blocks.${index}`)
  })
  return norm(tf.mean(x, [1, 2]) as Tensor2D, 'head.norm')
}

const ignores = (name: string): boolean => /^head\.fc\./.test(name)

/**
 * A ConvNeXt with timm's weights as a pure function.
 * @param parameters the backbone takes them over and disposes them; weights of a classification head are disposed
 * @throws Error that names missing, unknown and misshapen weights
 */
export function createConvNext(config: ConvNextConfig, parameters: NamedTensors, meta?: BackboneMeta): Backbone {
  const full = filled(config)
  return convolutionalBackbone(
    {
      architecture: 'convnext',
      config,
      width: config.widths.at(-1)!,
      imageSize: full.imageSize,
      preprocessing: preprocessingPresets.imagenet,
      weightShapes: weightShapes(config),
      ignores,
      features: (pass, images) => features(pass, full, images),
    },
    parameters,
    meta,
  )
}

function initialize(config: ConvNextConfig, rng: Rng): NamedTensors {
  const fresh = initConvolutional(weightShapes(config), rng)
  const small = Object.entries(fresh).map(([name, tensor]) => {
    if (!name.endsWith('.gamma')) return [name, tensor] as const
    tensor.dispose()
    return [name, tf.fill(tensor.shape, 1e-6)] as const
  })
  return Object.fromEntries(small)
}

function infer(shapes: WeightShapes, known: Partial<ConvNextConfig> = {}): ConvNextConfig | undefined {
  if (!Object.keys(shapes).some((name) => /^stages\.0\.blocks\.0\.conv_dw\.weight$/.test(name))) return undefined
  const stem = shapes['stem.0.weight']
  if (!stem || shapes['stem.1.weight']?.length !== 1)
    throw cannotInfer('the stem is not one convolution and a norm, as that of the ConvNeXt here')
  const odd = Object.keys(shapes).find((name) => /^head\.pre_logits\.|^norm_pre\.|\.shortcut\./.test(name))
  if (odd !== undefined) throw cannotInfer(`${odd} belongs to a head or block that the ConvNeXt here does not have`)
  const stages = countBlocks(shapes, /^stages\.(\d+)\./)
  const block = 'stages.0.blocks.0'
  return {
    depths: Array.from({ length: stages }, (_, stage) =>
      countBlocks(shapes, new RegExp(`^stages\\.${stage}\\.blocks\\.(\\d+)\\.`)),
    ),
    widths: Array.from({ length: stages }, (_, stage) => shapes[`stages.${stage}.blocks.0.conv_dw.weight`]?.[0] ?? 0),
    kernel: shapes[`${block}.conv_dw.weight`]![2],
    patchSize: stem[2],
    layerScale: `${block}.gamma` in shapes,
    responseNorm: `${block}.mlp.grn.weight` in shapes,
    convolutionalMlp: shapes[`${block}.mlp.fc1.weight`]?.length === 4,
    ...known,
  }
}

const rules: Readonly<Record<string, ArgumentRule<ConvNextConfig>>> = {
  ...commonArguments,
  depths: irrelevant,
  dims: irrelevant,
  kernel_sizes: irrelevant,
  ls_init_value: irrelevant,
  conv_mlp: irrelevant,
  use_grn: irrelevant,
  patch_size: irrelevant,
  head_init_scale: irrelevant,
  conv_bias: only(true),
  stem_type: only('patch'),
  head_norm_first: only(false),
  head_hidden_size: only(),
  output_stride: only(32),
  act_layer: only('gelu'),
  norm_layer: only('layernorm', 'layernorm2d'),
  global_pool: only('avg'),
  norm_eps: (value) => (typeof value === 'number' && value > 0 ? { layerNormEpsilon: value } : undefined),
}

function readCard(card: TimmCard): Partial<ConvNextConfig> {
  refuseNames('the ConvNeXt', card, /_hnf|_ols|_rms|_mlp|zepto/)
  const size = card.imageSize === undefined ? {} : { imageSize: card.imageSize }
  const implied = /xxlarge/.test(card.architecture ?? '') ? { norm_eps: 1e-5 } : {}
  return { ...size, ...readArguments('the ConvNeXt', card, rules, implied) }
}

/** ConvNeXt and ConvNeXt V2, as timm names their weights. */
export const convNext: Architecture<ConvNextConfig> = {
  name: 'convnext',
  noun: 'a ConvNeXt',
  configSchema,
  create: createConvNext,
  initialize,
  weightShapes,
  sizes: (config) => {
    const { widths, imageSize } = filled(config)
    return { width: widths.at(-1)!, imageSize }
  },
  landmarks: ['stages.0.blocks.0.conv_dw.weight'],
  infer,
  readCard,
  ignores,
}
