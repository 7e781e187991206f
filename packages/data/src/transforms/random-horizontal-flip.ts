import type { Rng } from '@pilotjs/core/random'
import { flipHorizontally } from './flip-horizontally'
import type { ImageTransform } from './transform'

/** torchvision's `RandomHorizontalFlip`: mirrors with the given probability (default 0.5). */
export function randomHorizontalFlip(options: { readonly probability?: number } = {}): ImageTransform {
  const { probability = 0.5 } = options
  const mirrors = (rng: Rng) => rng.uniform() < probability
  return {
    recipe: { name: 'randomHorizontalFlip', options: { probability } },
    apply: (image, rng) => (mirrors(rng) ? flipHorizontally(image) : image),
    mirrors,
  }
}
