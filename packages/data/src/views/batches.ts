import { createRng } from '@pilotjs/core/random'
import type { Batch, BatchOptions } from '@pilotjs/core'
import { tensor1d, tensor4d } from '@tensorflow/tfjs-core'
import type { RgbImage } from '../images/rgb-image'
import { normalizer } from '../transforms/normalize'
import type { PixelWriter } from '../transforms/normalize'
import type { Sample } from './sample'

/** What batches are made from: the labels, and where each sample comes from. */
export interface Samples {
  readonly labels: Int32Array
  sample(position: number): Sample
}

/** A batch before it is a tensor, so that one made ahead and never taken needs no disposal. */
interface Raw {
  readonly pixels: Float32Array
  readonly shape: [number, number, number, number]
  readonly positions: Int32Array
}

/**
 * Batches of transformed, normalised images, made ahead of their use by as many as the origin's `prefetch` says.
 * The order is drawn when this is called; augmentation depends on seed, sample, epoch and `shuffle` alone, never on batch size,
 * workers or timing.
 * @throws RangeError on a batch size that is no positive integer, or images of different sizes in one batch
 */
export function makeBatches(samples: Samples, options: BatchOptions): AsyncIterable<Batch> {
  const { size, shuffle, dropLast = false } = options
  const { length } = samples.labels
  if (!Number.isInteger(size) || size < 1) throw new RangeError(`batches: size must be a positive integer, got ${size}`)
  const order = shuffle ? shuffle.permutation(length) : Int32Array.from({ length }, (_, i) => i)
  const augment = augmentation(options)
  const count = dropLast ? Math.floor(length / size) : Math.ceil(length / size)
  const positionsOf = (batch: number) => order.slice(batch * size, (batch + 1) * size)
  return {
    async *[Symbol.asyncIterator]() {
      if (count === 0) return
      const ahead = samples.sample(order[0]!).origin.prefetch
      const abandoned = new AbortController()
      const writers = new Map<string, PixelWriter>()
      const make = (batch: number) => {
        const made = gather(samples, positionsOf(batch), options.view, augment, writers, abandoned.signal)
        // Reported when its turn comes; until then nobody listens.
        made.catch(() => undefined)
        return made
      }
      try {
        const queue: Promise<Raw>[] = []
        for (let next = 0, batch = 0; batch < count; batch++) {
          while (next < count && next <= batch + ahead) queue.push(make(next++))
          yield toBatch(await queue.shift()!, samples.labels)
        }
      } finally {
        abandoned.abort(new Error('The batch is no longer wanted'))
      }
    },
  }
}

/** The seed of a sample's augmentation. A shuffling generator takes part, so that an exemplar is augmented anew in every task. */
function augmentation({ shuffle, epoch = 0 }: BatchOptions): (sample: Sample) => number {
  const salt = shuffle ? shuffle.fork('augmentation').int(2 ** 32) : 0
  return ({ origin, index }) =>
    createRng(origin.seed)
      .fork(salt, epoch, origin.source.key(index))
      .int(2 ** 32)
}

async function gather(
  samples: Samples,
  positions: Int32Array,
  view: BatchOptions['view'],
  augment: (sample: Sample) => number,
  writers: Map<string, PixelWriter>,
  signal: AbortSignal,
): Promise<Raw> {
  const taken = Array.from(positions, (position) => samples.sample(position))
  const images = await Promise.all(
    taken.map((sample) => {
      const { origin, index } = sample
      const seed = view === 'train' ? augment(sample) : 0
      return origin.loader.load({ source: origin.source, index, transforms: origin.transforms[view], seed, signal })
    }),
  )
  const [first] = images as [RgbImage, ...RgbImage[]]
  const { width, height } = first
  const bytes = width * height * 3
  const pixels = new Float32Array(images.length * bytes)
  images.forEach((image, i) => {
    const { origin, index } = taken[i]!
    if (image.width !== width || image.height !== height) {
      throw new RangeError(
        `${origin.source.key(index)} comes out as ${image.width}x${image.height}, others of its batch as ${width}x${height}; ` +
          `end the '${view}' transforms with a crop or a resize to a fixed size`,
      )
    }
    writerFor(origin.transforms, writers)(image, pixels, i * bytes)
  })
  return { pixels, shape: [images.length, height, width, 3], positions }
}

function writerFor({ mean, std }: Sample['origin']['transforms'], writers: Map<string, PixelWriter>): PixelWriter {
  const name = `${mean} ${std}`
  let writer = writers.get(name)
  if (!writer) writers.set(name, (writer = normalizer(mean, std)))
  return writer
}

function toBatch({ pixels, shape, positions }: Raw, labels: Int32Array): Batch {
  const images = tensor4d(pixels, shape)
  const taken = tensor1d(
    positions.map((position) => labels[position]!),
    'int32',
  )
  return {
    images,
    labels: taken,
    positions,
    dispose() {
      images.dispose()
      taken.dispose()
    },
  }
}
