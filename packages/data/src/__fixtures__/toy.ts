import type { Dataset } from '../dataset/dataset'
import { inMemoryDataset } from '../dataset/in-memory'
import type { Transforms } from '../transforms/transforms'

/** Pixels as they are, 0 … 1. */
export const plain: Transforms = { train: [], eval: [], mean: [0, 0, 0], std: [1, 1, 1] }

/**
 * A dataset in memory, classes by turns. The first byte of an image is its position, the second its class, so that a test
 * can tell images apart.
 */
export function toy(options: { classes?: number; perClass?: number; domains?: number; size?: number } = {}): Dataset {
  const { classes = 6, perClass = 4, domains = 2, size = 4 } = options
  const split = (count: number) => {
    const length = classes * count
    const bytes = size * size * 3
    const pixels = new Uint8Array(length * bytes)
    for (let i = 0; i < length; i++) {
      pixels.fill((i * 37) % 256, i * bytes, (i + 1) * bytes)
      pixels[i * bytes] = i
      pixels[i * bytes + 1] = i % classes
    }
    return {
      pixels,
      height: size,
      width: size,
      labels: Array.from({ length }, (_, i) => i % classes),
      domains: Array.from({ length }, (_, i) => Math.floor(i / classes) % domains),
    }
  }
  return inMemoryDataset({
    name: 'toy',
    classNames: Array.from({ length: classes }, (_, c) => `class ${c}`),
    domains: Array.from({ length: domains }, (_, d) => `domain ${d}`),
    train: split(perClass),
    test: split(2),
  })
}
