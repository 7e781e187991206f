import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import * as z from 'zod'
import type { Backbone, BackboneMeta } from '../contracts/backbone'
import type { NamedTensors } from '../contracts/tensors'
import type { Architecture, TimmCard, WeightShapes } from './architecture'
import type { ConvolutionSpec, ConvolutionalPass } from './convolution'
import { convolutionAndNorm, convolutionShapes } from './convolution'
import { convolutionalBackbone, initConvolutional } from './convolutional-backbone'
import { cannotInfer, countBlocks } from './count-blocks'
import { preprocessingPresets } from './preprocessing'
import { type ArgumentRule, commonArguments, only, readArguments, refuseNames } from './read-card'

/** The architecture of an EfficientNet (Tan and Le, ICML 2019), its Lite variants, or a MobileNetV2, in timm's terms. */
export interface EfficientNetConfig {
  /** Channels that leave the stem. */
  readonly stem: number
  /** Stages in order; the first one's blocks do not expand. */
  readonly stages: readonly EfficientNetStage[]
  /** Channels of the last convolution: numbers per image. */
  readonly width: number
  /** `silu` for EfficientNet, `relu6` for Lite and MobileNetV2. */
  readonly activation: 'silu' | 'relu6'
  /** Zeros around images: `tensorflow` for the weights that come from there (timm's `tf_…`). */
  readonly padding: 'torch' | 'tensorflow'
  /** Default 1e-5; TensorFlow's weights want 1e-3. */
  readonly batchNormEpsilon?: number
  /** Side of the square input that the preprocessing aims at. Default 224. Any size is computed. */
  readonly imageSize?: number
}

export interface EfficientNetStage {
  readonly blocks: number
  /** Side of the depthwise kernel. */
  readonly kernel: number
  /** Of the first block. */
  readonly stride: number
  readonly channels: number
  /** Channels inside a block over those that enter it; 1 in the first stage. */
  readonly expansion: number
  /** Channels between the two layers of squeeze-and-excitation, for the first block and the others; none without it. */
  readonly squeeze?: readonly [first: number, others: number]
}

const count = /* @__PURE__ */ (() => z.int().positive())()
const configSchema: z.ZodType<EfficientNetConfig> = /* @__PURE__ */ (() =>
  z.strictObject({
    stem: count,
    stages: z
      .array(
        z.strictObject({
          blocks: count,
          kernel: count,
          stride: z.union([z.literal(1), z.literal(2)]),
          channels: count,
          expansion: z.number().positive(),
          squeeze: z.tuple([count, count]).optional(),
        }),
      )
      .min(1),
    width: count,
    activation: z.enum(['silu', 'relu6']),
    padding: z.enum(['torch', 'tensorflow']),
    batchNormEpsilon: z.number().positive().optional(),
    imageSize: count.optional(),
  }))()

interface Block {
  readonly site: string
  /** To more channels; the first stage has none. */
  readonly expand?: ConvolutionSpec
  readonly depthwise: ConvolutionSpec
  readonly squeeze?: number
  readonly project: ConvolutionSpec
  readonly residual: boolean
}

interface Layers {
  readonly stem: ConvolutionSpec
  readonly blocks: readonly Block[]
  readonly head: ConvolutionSpec
}

/** Every layer, in order, with the names of its weights. */
function layersOf({ stem, stages, width, padding }: EfficientNetConfig): Layers {
  const layer = (name: string, norm: string, kernel: number, stride: number, from: number, to: number) => ({
    ...{ name, norm, kernel, stride, from, to, padding },
    depthwise: name.endsWith('conv_dw'),
  })
  const blocks: Block[] = []
  let from = stem
  stages.forEach(({ blocks: repeats, kernel, stride, channels, expansion, squeeze }, stage) => {
    for (let index = 0; index < repeats; index++) {
      const site = `blocks.${stage}.${index}`
      const step = index === 0 ? stride : 1
      const inner = Math.round(from * expansion)
      const expands = stage > 0
      blocks.push({
        site,
        ...(expands && { expand: layer(`${site}.conv_pw`, `${site}.bn1`, 1, 1, from, inner) }),
        depthwise: layer(`${site}.conv_dw`, `${site}.bn${expands ? 2 : 1}`, kernel, step, inner, inner),
        squeeze: squeeze?.[index === 0 ? 0 : 1],
        project: expands
          ? layer(`${site}.conv_pwl`, `${site}.bn3`, 1, 1, inner, channels)
          : layer(`${site}.conv_pw`, `${site}.bn2`, 1, 1, inner, channels),
        residual: step === 1 && from === channels,
      })
      from = channels
    }
  })
  return {
    stem: layer('conv_stem', 'bn1', 3, 2, 3, stem),
    blocks,
    head: layer('conv_head', 'bn2', 1, 1, from, width),
  }
}

function weightShapes(config: EfficientNetConfig): Record<string, number[]> {
  const { stem, blocks, head } = layersOf(config)
  const ofBlock = ({ site, expand, depthwise, squeeze, project }: Block) => ({
    ...convolutionShapes(expand ? [expand, depthwise] : [depthwise]),
    ...(squeeze !== undefined && {
      [`${site}.se.conv_reduce.weight`]: [squeeze, depthwise.to, 1, 1],
      [`${site}.se.conv_reduce.bias`]: [squeeze],
      [`${site}.se.conv_expand.weight`]: [depthwise.to, squeeze, 1, 1],
      [`${site}.se.conv_expand.bias`]: [depthwise.to],
    }),
    ...convolutionShapes([project]),
  })
  return Object.assign({}, convolutionShapes([stem]), ...blocks.map(ofBlock), convolutionShapes([head])) as Record<
    string,
    number[]
  >
}

type Activation = <T extends Tensor>(x: T) => T
const silu: Activation = (x) => tf.mul(x, tf.sigmoid(x))
const activations: Readonly<Record<EfficientNetConfig['activation'], Activation>> = { silu, relu6: (x) => tf.relu6(x) }

/** Channels scaled by what two layers make of their means (Hu et al., CVPR 2018). */
function squeezeAndExcite(pass: ConvolutionalPass, x: Tensor4D, site: string, activate: Activation): Tensor4D {
  const [batch, , , channels] = x.shape
  const dense = (input: Tensor2D, name: string): Tensor2D => {
    const weight = pass.weight(`${site}.se.${name}.weight`)
    const matrix = tf.reshape(weight, [weight.shape[0]!, weight.shape[1]!]) as Tensor2D
    return tf.add(tf.matMul(input, matrix, false, true), pass.weight(`${site}.se.${name}.bias`))
  }
  const squeezed = activate(dense(tf.mean(x, [1, 2]) as Tensor2D, 'conv_reduce'))
  const gate = tf.sigmoid(dense(squeezed, 'conv_expand'))
  return tf.mul(x, tf.reshape(gate, [batch, 1, 1, channels]))
}

function features(
  pass: ConvolutionalPass,
  { stem, blocks, head }: Layers,
  activate: Activation,
  images: Tensor4D,
): Tensor2D {
  let x = activate(convolutionAndNorm(pass, images, stem))
  for (const { site, expand, depthwise, squeeze, project, residual } of blocks) {
    let y = expand ? activate(convolutionAndNorm(pass, x, expand)) : x
    y = activate(convolutionAndNorm(pass, y, depthwise))
    if (squeeze !== undefined) y = squeezeAndExcite(pass, y, site, activate)
    y = convolutionAndNorm(pass, y, project)
    x = residual ? tf.add(y, x) : y
  }
  return tf.mean(activate(convolutionAndNorm(pass, x, head)), [1, 2]) as Tensor2D
}

/** Weights that features have no use for: the classifier, and torch's count of training batches. */
const ignores = (name: string): boolean => /^classifier\.|\.num_batches_tracked$/.test(name)

/**
 * An EfficientNet with timm's weights as a pure function.
 * @param parameters the backbone takes them over and disposes them; weights of a classification head are disposed
 * @throws Error that names missing, unknown and misshapen weights
 */
export function createEfficientNet(
  config: EfficientNetConfig,
  parameters: NamedTensors,
  meta?: BackboneMeta,
): Backbone {
  const layers = layersOf(config)
  const { width, activation, padding, imageSize = 224, batchNormEpsilon } = config
  const network = {
    architecture: 'efficientnet',
    config,
    width,
    imageSize,
    batchNormEpsilon,
    preprocessing: {
      ...preprocessingPresets[padding === 'tensorflow' && activation === 'relu6' ? 'half' : 'imagenet'],
      cropFraction: 0.875,
    },
    weightShapes: weightShapes(config),
    ignores,
    features: (pass: ConvolutionalPass, images: Tensor4D) => features(pass, layers, activations[activation], images),
  }
  return convolutionalBackbone(network, parameters, meta)
}

/** Of the first blocks of the stages; no shape tells it. */
const strides = [1, 2, 2, 2, 1, 2, 1]

function infer(shapes: WeightShapes, known: Partial<EfficientNetConfig> = {}): EfficientNetConfig | undefined {
  const [stem] = shapes['conv_stem.weight'] ?? []
  const [width] = shapes['conv_head.weight'] ?? []
  if (stem === undefined || width === undefined || !('blocks.0.0.conv_dw.weight' in shapes)) return undefined
  const odd = Object.keys(shapes).find((name) =>
    /\.(conv_exp|aa|attn)\.|^conv_head\.bias$|^blocks\.0\.0\.conv_pwl\./.test(name),
  )
  if (odd !== undefined)
    throw cannotInfer(`${odd} belongs to blocks that the EfficientNet here does not have (EfficientNetV2, MobileNetV3)`)
  if (known.padding === undefined || known.activation === undefined)
    throw cannotInfer(
      'an EfficientNet’s weights do not tell its padding and activation; put the config.json of the model beside the file, or give ' +
        'padding and activation',
    )
  const stages = Array.from({ length: countBlocks(shapes, /^blocks\.(\d+)\./) }, (_, stage) => stageOf(shapes, stage))
  if (stages.length > strides.length) throw cannotInfer(`${stages.length} stages are more than an EfficientNet has`)
  return { stem, stages, width, ...known } as EfficientNetConfig
}

function stageOf(shapes: WeightShapes, stage: number): EfficientNetStage {
  const site = `blocks.${stage}`
  const blocks = countBlocks(shapes, new RegExp(`^blocks\\.${stage}\\.(\\d+)\\.`))
  const expand = stage === 0 ? undefined : shapes[`${site}.0.conv_pw.weight`]
  const project = shapes[`${site}.0.${stage === 0 ? 'conv_pw' : 'conv_pwl'}.weight`]
  const kernel = shapes[`${site}.0.conv_dw.weight`]?.[2]
  if (!project || kernel === undefined || (stage > 0 && !expand)) throw cannotInfer(`${site}.0 lacks a convolution`)
  const squeezeOf = (index: number) => shapes[`${site}.${index}.se.conv_reduce.weight`]?.[0]
  const first = squeezeOf(0)
  return {
    blocks,
    kernel,
    stride: strides[stage] ?? 1,
    channels: project[0]!,
    expansion: expand ? expand[0]! / expand[1]! : 1,
    ...(first !== undefined && { squeeze: [first, squeezeOf(1) ?? first] as const }),
  }
}

const rules: Readonly<Record<string, ArgumentRule<EfficientNetConfig>>> = {
  ...commonArguments,
  act_layer: (value) =>
    value === 'relu6'
      ? { activation: 'relu6' }
      : value === 'silu' || value === 'swish'
        ? { activation: 'silu' }
        : undefined,
  pad_type: (value) => (value === 'same' ? { padding: 'tensorflow' } : value === '' ? { padding: 'torch' } : undefined),
  bn_eps: (value) => (typeof value === 'number' && value > 0 ? { batchNormEpsilon: value } : undefined),
  bn_momentum: () => ({}),
  global_pool: only('avg'),
  fix_stem: () => ({}),
  output_stride: only(32),
}

/** timm's names (efficientnet.py, timm 1.0.31): whose weights come from TensorFlow, and which activation they want. */
function readCard(card: TimmCard): Partial<EfficientNetConfig> {
  refuseNames(
    'the EfficientNet',
    card,
    /efficientnetv2|mobilenetv3|mnasnet|efficientnet_(e[sml]|x|cc|h|lite\w*_pruned)|efficientnet_b\d_(g\w+|pruned)|mixnet|fbnet|spnasnet|tinynet|hardcorenas|mobilenetv4|mobilenet_edgetpu|blur/,
  )
  const { architecture = '' } = card
  const isTensorFlow = architecture.startsWith('tf_')
  const isKnown = /efficientnet|mobilenetv2/.test(architecture)
  const implied = isKnown && {
    act_layer: /_lite|mobilenetv2/.test(architecture) ? 'relu6' : 'silu',
    pad_type: isTensorFlow ? 'same' : '',
    ...(isTensorFlow && { bn_eps: 1e-3 }),
  }
  const size = card.imageSize === undefined ? {} : { imageSize: card.imageSize }
  return { ...size, ...readArguments('the EfficientNet', card, rules, implied || {}) }
}

/** EfficientNet B0 … B8 and Lite, and MobileNetV2, as timm names their weights. */
export const efficientNet: Architecture<EfficientNetConfig> = {
  name: 'efficientnet',
  noun: 'an EfficientNet',
  configSchema,
  create: createEfficientNet,
  initialize: (config, rng) => initConvolutional(weightShapes(config), rng),
  weightShapes,
  sizes: ({ width, imageSize = 224 }) => ({ width, imageSize }),
  landmarks: ['conv_stem.weight'],
  infer,
  readCard,
  ignores,
}
