import * as tf from '@tensorflow/tfjs-core'
import type { Batch, LabeledImages } from '../contracts/images'
import { wordHash } from '../parameters/word-hash'

export interface ArrayImagesOptions {
  /** [images · height · width · 3], transformed and normalised: they go to the backbone as they are. */
  values: Float32Array
  /** [height, width] */
  size: readonly [number, number]
  labels: ArrayLike<number>
  /**
   * Begins every sample's key, which then goes on with its position: two sets of one run need different names. Without it, a key
   * is made of the image's values.
   */
  name?: string
}

/**
 * Labeled images out of memory, for tests and small streams. `train` and `eval` views are the same. Without a name, equal images
 * have equal keys, and different ones different keys, in whatever set they stand.
 * @throws Error when values and labels don't fit
 */
export function arrayImages(options: ArrayImagesOptions): LabeledImages {
  const { values, labels, name } = options
  const [height, width] = options.size
  const imageLength = height * width * 3
  if (values.length !== labels.length * imageLength) {
    throw new Error(
      `arrayImages: ${labels.length} labels want ${labels.length * imageLength} values of ${height} × ${width} × 3 images, got ${values.length}`,
    )
  }
  return view(
    Array.from({ length: labels.length }, (_, i) =>
      sample(
        values.subarray(i * imageLength, (i + 1) * imageLength),
        labels[i]!,
        name === undefined ? undefined : `${name}:${i}`,
      ),
    ),
    [height, width],
  )
}

interface Sample {
  readonly label: number
  readonly pixels: Float32Array
  key(): string
  fingerprint(): string
}

function sample(pixels: Float32Array, label: number, name: string | undefined): Sample {
  let known: string | undefined
  const fingerprint = () => (known ??= contentsOf(pixels))
  return { label, pixels, fingerprint, key: () => name ?? `image:${fingerprint()}` }
}

function contentsOf(pixels: Float32Array): string {
  const hash = wordHash()
  hash.take(new Uint32Array(pixels.slice().buffer))
  return hash.digest()
}

/** The samples behind views made here, so that two of them can be joined. */
const samplesOf = new WeakMap<LabeledImages, readonly Sample[]>()

function view(samples: readonly Sample[], size: readonly [number, number]): LabeledImages {
  const labels = Int32Array.from(samples, (sample) => sample.label)
  const images: LabeledImages = {
    length: samples.length,
    labels,
    key: (position) => samples[position]!.key(),
    fingerprint: (position) => samples[position]!.fingerprint(),
    select: (positions) =>
      view(
        Array.from(positions, (position) => {
          const sample = samples[position]
          if (!sample) throw new RangeError(`select: position ${position} of ${samples.length} images`)
          return sample
        }),
        size,
      ),
    concat(other) {
      const more = samplesOf.get(other)
      if (!more) throw new Error('arrayImages: only sets made by arrayImages can be joined')
      return view([...samples, ...more], size)
    },
    async *batches({ size: batchSize, shuffle, dropLast = false }) {
      const order = shuffle?.permutation(samples.length) ?? Int32Array.from(samples, (_, i) => i)
      for (let start = 0; start < order.length; start += batchSize) {
        const positions = order.slice(start, start + batchSize)
        if (dropLast && positions.length < batchSize) return
        yield batchOf(samples, positions, size)
      }
    },
  }
  samplesOf.set(images, samples)
  return images
}

function batchOf(samples: readonly Sample[], positions: Int32Array, [height, width]: readonly [number, number]): Batch {
  const values = new Float32Array(positions.length * height * width * 3)
  positions.forEach((position, i) => values.set(samples[position]!.pixels, i * height * width * 3))
  const images = tf.tensor4d(values, [positions.length, height, width, 3])
  const labels = tf.tensor1d(
    Array.from(positions, (position) => samples[position]!.label),
    'int32',
  )
  return { images, labels, positions, dispose: () => tf.dispose([images, labels]) }
}
