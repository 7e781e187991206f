import type { Rng } from '@pilotjs/core/random'
import type { RgbImage } from '../images/rgb-image'
import { adjustBrightness, adjustContrast, adjustHue, adjustSaturation } from './color'
import type { ImageTransform } from './transform'

/** A strength s draws the factor from [max(0, 1 − s), 1 + s] (hue: [−s, s]); a pair is the range itself. */
export type JitterStrength = number | readonly [number, number]

export interface ColorJitterOptions {
  readonly brightness?: JitterStrength
  readonly contrast?: JitterStrength
  readonly saturation?: JitterStrength
  /** At most 0.5. */
  readonly hue?: JitterStrength
}

const adjustments: readonly (readonly [keyof ColorJitterOptions, (image: RgbImage, factor: number) => RgbImage])[] = [
  ['brightness', adjustBrightness],
  ['contrast', adjustContrast],
  ['saturation', adjustSaturation],
  ['hue', adjustHue],
]

/** torchvision's `ColorJitter` on PIL images: brightness, contrast, saturation and hue in random order. */
export function colorJitter(options: ColorJitterOptions): ImageTransform {
  const ranges = adjustments.map(([name]) => rangeOf(name, options[name]))
  return {
    recipe: { name: 'colorJitter', options: { ...options } },
    apply(image, rng) {
      // All draws are made whether used or not, so that one option does not shift the draws of another.
      const order = rng.permutation(adjustments.length)
      const factors = ranges.map((range) => draw(range, rng))
      return order.reduce((current, which) => {
        const factor = factors[which]
        return factor === undefined ? current : adjustments[which]![1](current, factor)
      }, image)
    },
  }
}

function draw(range: readonly [number, number] | undefined, rng: Rng): number | undefined {
  const uniform = rng.uniform()
  return range && range[0] + (range[1] - range[0]) * uniform
}

function rangeOf(name: keyof ColorJitterOptions, strength: JitterStrength | undefined) {
  if (strength === undefined || strength === 0) return undefined
  const center = name === 'hue' ? 0 : 1
  const bounds = name === 'hue' ? ([-0.5, 0.5] as const) : ([0, Infinity] as const)
  const range =
    typeof strength !== 'number'
      ? strength
      : ([name === 'hue' ? -strength : Math.max(0, center - strength), center + strength] as const)
  if (!(range[0] <= range[1] && range[0] >= bounds[0] && range[1] <= bounds[1])) {
    throw new RangeError(
      `colorJitter: ${name} must stay within ${bounds[0]} … ${bounds[1]}, got ${JSON.stringify(strength)}`,
    )
  }
  return range
}
