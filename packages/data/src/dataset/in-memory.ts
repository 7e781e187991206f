import { wordHash } from '@pilotjs/core/parameters'
import { assertDataset } from './dataset'
import type { Dataset, ImageSource } from './dataset'

/** Images of one size in one block of memory. */
export interface ImageArray {
  /** uint8 [images, height, width, 3]. Kept, not copied. */
  readonly pixels: Uint8Array | Uint8ClampedArray
  readonly height: number
  readonly width: number
  /** One class a image. */
  readonly labels: ArrayLike<number>
  /** One domain a image. */
  readonly domains?: ArrayLike<number>
}

/**
 * A source over pixels in memory; works in Node and in the browser.
 * @param prefix put before the image's position to make its key, e.g. `icons-100/train`
 * @throws RangeError when the pixels don't fill the images that the labels promise
 */
export function arraySource(images: ImageArray, prefix: string): ImageSource {
  const { pixels, height, width } = images
  const labels = Int32Array.from(images.labels)
  const bytes = height * width * 3
  if (pixels.length !== labels.length * bytes) {
    throw new RangeError(
      `${prefix}: ${labels.length} labels and ${width}x${height} RGB images ask for ${labels.length * bytes} bytes, got ${pixels.length}`,
    )
  }
  const bytesOf = (index: number) => {
    if (!(index >= 0 && index < labels.length)) {
      throw new RangeError(`${prefix}: no image ${index}, there are ${labels.length}`)
    }
    return pixels.subarray(index * bytes, (index + 1) * bytes)
  }
  return {
    length: labels.length,
    labels,
    domains: images.domains && Int32Array.from(images.domains),
    key: (index) => `${prefix}/${index}`,
    read: (index) => ({ width, height, data: bytesOf(index) }),
    fingerprint: (index) => `${width}x${height} ${hashOf(bytesOf(index))}`,
  }
}

function hashOf(bytes: Uint8Array | Uint8ClampedArray): string {
  const words = new Uint8Array(Math.ceil(bytes.length / 4) * 4)
  words.set(bytes)
  const hash = wordHash()
  hash.take(new Uint32Array(words.buffer))
  return hash.digest()
}

/**
 * A dataset whose images lie in memory.
 * @example inMemoryDataset({ name: 'toy', classNames: ['cat', 'dog'], train: { pixels, height: 32, width: 32, labels }, test })
 * @throws RangeError when a label names no class, a domain no domain, or pixels and labels differ in number
 */
export function inMemoryDataset(options: {
  name: string
  classNames: readonly string[]
  domains?: readonly string[]
  train: ImageArray
  test: ImageArray
}): Dataset {
  const { name, classNames, domains } = options
  const dataset: Dataset = {
    name,
    classNames,
    domains,
    train: arraySource(options.train, `${name}/train`),
    test: arraySource(options.test, `${name}/test`),
  }
  assertDataset(dataset)
  return dataset
}
