import * as tf from '@tensorflow/tfjs-core'
import type { Batch, LabeledImages } from '../contracts/images'

export interface ArrayImagesOptions {
  /** [images · height · width · 3], transformed and normalised: they go to the backbone as they are. */
  values: Float32Array
  /** [height, width] */
  size: readonly [number, number]
  labels: ArrayLike<number>
  /** Begins every sample's key; two sets of one run need different ones. Default `image`. */
  name?: string
}

/** Labeled images out of memory, for tests and small streams. `train` and `eval` views are the same. */
export function arrayImages(options: ArrayImagesOptions): LabeledImages {
  const { values, labels, name = 'image' } = options
  const [height, width] = options.size
  const imageLength = height * width * 3
  if (values.length !== labels.length * imageLength) {
    throw new Error(
      `arrayImages: ${labels.length} labels want ${labels.length * imageLength} values of ${height} × ${width} × 3 images, got ${values.length}`,
    )
  }
  return view(
    Array.from({ length: labels.length }, (_, i) => ({
      key: `${name}:${i}`,
      label: labels[i]!,
      pixels: values.subarray(i * imageLength, (i + 1) * imageLength),
    })),
    [height, width],
  )
}

interface Sample {
  key: string
  label: number
  pixels: Float32Array
}

/** The samples behind views made here, so that two of them can be joined. */
const samplesOf = new WeakMap<LabeledImages, readonly Sample[]>()

function view(samples: readonly Sample[], size: readonly [number, number]): LabeledImages {
  const labels = Int32Array.from(samples, (sample) => sample.label)
  const images: LabeledImages = {
    length: samples.length,
    labels,
    key: (position) => samples[position]!.key,
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
