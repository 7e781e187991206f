import type { Preprocessing } from '@pilotjs/core'
import { colorJitter } from './color-jitter'
import { centerCrop, randomCrop } from './crop'
import { randomHorizontalFlip } from './random-horizontal-flip'
import { randomResizedCrop } from './random-resized-crop'
import { resize } from './resize'
import type { Transforms } from './transforms'

const identity = { mean: [0, 0, 0], std: [1, 1, 1] } as const

export interface PilotTransformOptions {
  /** The backbone's; mean and std are taken from it unless `compat` says otherwise. */
  readonly preprocessing: Preprocessing
  /** CODA-Prompt crops from 8 % of the area on (others: 5 %) and resizes bilinearly. */
  readonly variant?: 'default' | 'coda_prompt'
  /**
   * Of what `variant: 'coda_prompt'` depends on: it centre-crops ImageNet's relatives and resizes the rest straight to the input
   * size.
   */
  readonly dataset?: string
  /** `pilot`: pixels stay in 0 … 1, whatever the backbone was pre-trained with, as PILOT feeds them. */
  readonly compat?: 'paper' | 'pilot'
}

/**
 * PILOT's transforms for 224-pixel backbones: RandomResizedCrop and flip for training, Resize (256/224 of the input) and
 * CenterCrop otherwise. For inputs of another size everything scales along.
 */
export function pilotTransforms(options: PilotTransformOptions): Transforms {
  const { preprocessing, variant = 'default', dataset = '', compat = 'paper' } = options
  const size = squareSize(preprocessing)
  const coda = variant === 'coda_prompt'
  const larger = Math.trunc((256 / 224) * size)
  const { mean, std } = compat === 'pilot' ? identity : preprocessing
  const straight = coda && !dataset.startsWith('imagenet')
  return {
    train: [randomResizedCrop({ size, scale: [coda ? 0.08 : 0.05, 1] }), randomHorizontalFlip()],
    eval: straight
      ? [resize({ size }), centerCrop({ size })]
      : [resize({ size: larger, interpolation: coda ? 'bilinear' : 'bicubic' }), centerCrop({ size })],
    mean,
    std,
  }
}

/** PILOT's transforms for CIFAR at its own 32 pixels: shift, flip, brightness; normalised with CIFAR's mean and std. */
export function pilotCifarTransforms(dataset: 'cifar10' | 'cifar100'): Transforms {
  return {
    train: [randomCrop({ size: 32, padding: 4 }), randomHorizontalFlip(), colorJitter({ brightness: 63 / 255 })],
    eval: [],
    ...(dataset === 'cifar10'
      ? { mean: [0.4914, 0.4822, 0.4465], std: [0.2023, 0.1994, 0.201] }
      : { mean: [0.5071, 0.4867, 0.4408], std: [0.2675, 0.2565, 0.2761] }),
  }
}

export interface SmallImageTransformOptions {
  readonly preprocessing: Preprocessing
  /** Largest shift in pixels; what moves in repeats the border. Default a sixteenth of the side. */
  readonly shift?: number
  /** Mirror half of the images: right for photographs, wrong for icons and letters. Default false. */
  readonly flip?: boolean
}

/** For images about as small as the backbone's input (icons, CIFAR): a random shift for training, a plain resize otherwise. */
export function smallImageTransforms(options: SmallImageTransformOptions): Transforms {
  const { preprocessing, flip = false } = options
  const size = squareSize(preprocessing)
  const { shift = Math.round(size / 16) } = options
  const { interpolation, mean, std } = preprocessing
  const fit = [resize({ size, interpolation }), centerCrop({ size })]
  return {
    train: [...fit, randomCrop({ size, padding: shift, outside: 'edge' }), ...(flip ? [randomHorizontalFlip()] : [])],
    eval: fit,
    mean,
    std,
  }
}

/** What suits a backbone: `smallImageTransforms` up to 64 pixels, `pilotTransforms` above. */
export function transformsFor(preprocessing: Preprocessing): Transforms {
  return squareSize(preprocessing) <= 64 ? smallImageTransforms({ preprocessing }) : pilotTransforms({ preprocessing })
}

function squareSize({ inputSize: [height, width] }: Preprocessing): number {
  if (height !== width) {
    throw new RangeError(
      `The presets make square images; compose transforms of your own for a backbone of ${height}x${width}`,
    )
  }
  return height
}
