import * as tf from '@tensorflow/tfjs-core'
import type { Batch, BatchOptions, LabeledImages } from '@pilotjs/core'
import type { Tensor4D } from '@tensorflow/tfjs-core'

/** Recorded images: final values in torch's layout. */
export interface RecordedImages {
  readonly split: 'train' | 'test'
  /** [count, 3, height, width], flat. */
  readonly pixels: Float32Array
  readonly shape: readonly [number, number, number, number]
  readonly labels: Int32Array
}

/** Rows of recorded images as [rows, height, width, 3]. */
export function imageRows({ pixels, shape }: RecordedImages, rows: ArrayLike<number>): Tensor4D {
  const [, channels, height, width] = shape
  const area = height * width
  const values = new Float32Array(rows.length * area * channels)
  for (let i = 0; i < rows.length; i++)
    for (let channel = 0; channel < channels; channel++) {
      const source = (rows[i]! * channels + channel) * area
      for (let pixel = 0; pixel < area; pixel++)
        values[(i * area + pixel) * channels + channel] = pixels[source + pixel]!
    }
  return tf.tensor4d(values, [rows.length, height, width, channels])
}

/**
 * Training images that walk as PILOT's loader did when it was recorded: where a learner asks for a shuffled training view it
 * gets the recorded order of one epoch, exemplars included; every other view has its own order.
 */
export function recordedImages(
  recorded: RecordedImages,
  rows: readonly number[],
  trainOrder: readonly number[],
): LabeledImages {
  const batchesOf = async function* (walk: readonly number[], options: BatchOptions): AsyncGenerator<Batch> {
    const positionOf = new Map(rows.map((row, position) => [row, position]))
    for (let start = 0; start < walk.length; start += options.size) {
      const chunk = walk.slice(start, start + options.size)
      if (options.dropLast && chunk.length < options.size) return
      const images = imageRows(recorded, chunk)
      const labels = tf.tensor1d(
        chunk.map((row) => recorded.labels[row]!),
        'int32',
      )
      yield {
        images,
        labels,
        // An exemplar that the record holds in place of a near-tie of ours has no position here; any will do.
        positions: Int32Array.from(chunk, (row) => positionOf.get(row) ?? 0),
        dispose: () => {
          images.dispose()
          labels.dispose()
        },
      }
    }
  }
  return {
    length: rows.length,
    labels: Int32Array.from(rows, (row) => recorded.labels[row]!),
    key: (position) => `${recorded.split}/${rows[position]!}`,
    select: (positions) =>
      recordedImages(
        recorded,
        Array.from(positions, (position) => rows[position]!),
        trainOrder,
      ),
    concat: (other) =>
      recordedImages(
        recorded,
        [...rows, ...Array.from({ length: other.length }, (_, position) => keyRow(other.key(position)))],
        trainOrder,
      ),
    batches: (options) => batchesOf(options.view === 'train' && options.shuffle ? trainOrder : rows, options),
  }
}

/** The key of a row of `train_x`, and back: exemplar memories remember images by it. */
export const rowKey = (row: number) => `train/${row}`
export const keyRow = (key: string) => Number(key.slice('train/'.length))
