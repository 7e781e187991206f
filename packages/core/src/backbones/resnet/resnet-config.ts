import { type ConvolutionSpec, convolutionShapes } from '../convolution'

/** The architecture of a residual network (He et al., CVPR 2016). */
export interface ResnetConfig {
  /**
   * `imagenet`: timm's and torchvision's (7×7 stem of stride 2, max pooling, four stages from 64 channels).
   * `cifar`: for 32 px (3×3 stem, three stages from 16 channels, shortcuts without parameters), as PyCIL names it.
   */
  readonly layout: 'imagenet' | 'cifar'
  /** Blocks per stage: [2, 2, 2, 2] is ResNet-18, [3, 4, 6, 3] ResNet-50 or -34, [5, 5, 5] the 32-layer CIFAR network. */
  readonly blocks: readonly number[]
  /** `bottleneck` (1×1, 3×3, 1×1; four times as many channels leave it) or two 3×3 convolutions. Default `basic`. */
  readonly block?: 'basic' | 'bottleneck'
  /** Channels of the first stage. Default 64, or 16 for `cifar`. */
  readonly channels?: number
  /** Side of the square input that the preprocessing aims at. Default 224, or 32 for `cifar`. Any size is computed. */
  readonly imageSize?: number
  /** Default 1e-5. */
  readonly batchNormEpsilon?: number
}

export interface BlockSpec {
  readonly convolutions: readonly ConvolutionSpec[]
  /** What the block's input goes through before it is added. */
  readonly shortcut: 'identity' | 'subsample' | ConvolutionSpec
}

export interface ResnetSpec {
  readonly stem: ConvolutionSpec
  /** 3×3, stride 2, after the stem. */
  readonly maxPool: boolean
  readonly blocks: readonly BlockSpec[]
  /** Channels that leave the last block. */
  readonly width: number
  readonly imageSize: number
  readonly batchNormEpsilon: number
}

/** Every layer of a residual network, in order, with the names of its weights. */
export function resnetSpec(config: ResnetConfig): ResnetSpec {
  const cifar = config.layout === 'cifar'
  const { block = 'basic', channels = cifar ? 16 : 64, imageSize = cifar ? 32 : 224, batchNormEpsilon = 1e-5 } = config
  if (config.blocks.length === 0 || !config.blocks.every((count) => Number.isInteger(count) && count > 0))
    throw new Error(`Residual network: blocks must be positive integers, got [${config.blocks.join(', ')}]`)
  if (cifar && block === 'bottleneck') throw new Error("Residual network: layout 'cifar' has basic blocks only")
  const blocks: BlockSpec[] = []
  let from = channels
  config.blocks.forEach((count, stage) => {
    const inner = channels * 2 ** stage
    for (let index = 0; index < count; index++) {
      const stride = stage > 0 && index === 0 ? 2 : 1
      const site = cifar ? `stage_${stage + 1}.${index}` : `layer${stage + 1}.${index}`
      const spec = cifar
        ? cifarBlock(site, stride, from, inner)
        : (block === 'basic' ? basicBlock : bottleneck)(site, stride, from, inner)
      blocks.push(spec)
      from = spec.convolutions.at(-1)!.to
    }
  })
  const stem = cifar
    ? { name: 'conv_1_3x3', norm: 'bn_1', kernel: 3, stride: 1, from: 3, to: channels }
    : { name: 'conv1', norm: 'bn1', kernel: 7, stride: 2, from: 3, to: channels }
  return { stem, maxPool: !cifar, blocks, width: from, imageSize, batchNormEpsilon }
}

function basicBlock(site: string, stride: number, from: number, to: number): BlockSpec {
  return {
    convolutions: [
      { name: `${site}.conv1`, norm: `${site}.bn1`, kernel: 3, stride, from, to },
      { name: `${site}.conv2`, norm: `${site}.bn2`, kernel: 3, stride: 1, from: to, to },
    ],
    shortcut: projection(site, stride, from, to),
  }
}

/** The stride sits in the 3×3 convolution (torchvision's version of the bottleneck). */
function bottleneck(site: string, stride: number, from: number, inner: number): BlockSpec {
  const to = 4 * inner
  return {
    convolutions: [
      { name: `${site}.conv1`, norm: `${site}.bn1`, kernel: 1, stride: 1, from, to: inner },
      { name: `${site}.conv2`, norm: `${site}.bn2`, kernel: 3, stride, from: inner, to: inner },
      { name: `${site}.conv3`, norm: `${site}.bn3`, kernel: 1, stride: 1, from: inner, to },
    ],
    shortcut: projection(site, stride, from, to),
  }
}

function projection(site: string, stride: number, from: number, to: number): BlockSpec['shortcut'] {
  if (stride === 1 && from === to) return 'identity'
  return { name: `${site}.downsample.0`, norm: `${site}.downsample.1`, kernel: 1, stride, from, to }
}

function cifarBlock(site: string, stride: number, from: number, to: number): BlockSpec {
  return {
    convolutions: [
      { name: `${site}.conv_a`, norm: `${site}.bn_a`, kernel: 3, stride, from, to },
      { name: `${site}.conv_b`, norm: `${site}.bn_b`, kernel: 3, stride: 1, from: to, to },
    ],
    shortcut: stride === 1 ? 'identity' : 'subsample',
  }
}

/** Name and shape of every weight and running statistic, in torch's order and layouts. */
export function resnetWeightShapes(config: ResnetConfig): Record<string, number[]> {
  const { stem, blocks } = resnetSpec(config)
  return convolutionShapes([
    stem,
    ...blocks.flatMap(({ convolutions, shortcut }) =>
      typeof shortcut === 'string' ? convolutions : [...convolutions, shortcut],
    ),
  ])
}
