import * as tf from '@tensorflow/tfjs-core'
import type { Tensor4D } from '@tensorflow/tfjs-core'
import type { Batch } from '../contracts/images'
import { forwardBatch } from './forward-batch'

/** Images that are loaded together where nobody says how many are to be computed with together. */
export const loadedTogether = 16

/**
 * The images of several sources, one after the other, in batches of `size` that reach across the borders; what is left over at
 * the end comes in pieces of powers of two, or as one batch. With pieces, engines that compile a program per shape need a handful
 * of programs, whatever the numbers of images: for what looks at each image by itself, or at whatever batch it gets.
 * @param sources batches, disposed here; those of `size` images are passed on as they are
 * @param size default: what suits the images, see `forwardBatch`
 * @param rest default `pieces`
 * @returns [count, height, width, channels] each, valid until the next one is asked for
 */
export async function* evenBatches(
  sources: Iterable<AsyncIterable<Batch>>,
  size?: number,
  rest: 'pieces' | 'whole' = 'pieces',
): AsyncGenerator<Tensor4D> {
  let gathered: Float32Array | undefined
  let held = 0
  let shape: [number, number, number] | undefined
  const take = (values: Float32Array, count: number): Tensor4D => tf.tensor4d(values, [count, ...shape!])
  for (const source of sources) {
    for await (const batch of source) {
      try {
        const { images } = batch
        const [count, height, width, channels] = images.shape
        size ??= forwardBatch(images.shape.slice(1))
        if (held === 0 && count === size) {
          yield images
          continue
        }
        shape = [height, width, channels]
        const row = height * width * channels
        const values = (await images.data()) as Float32Array
        for (let first = 0; first < count;) {
          gathered ??= new Float32Array(size * row)
          const taken = Math.min(count - first, size - held)
          gathered.set(values.subarray(first * row, (first + taken) * row), held * row)
          held += taken
          first += taken
          if (held < size) continue
          const full = take(gathered, size)
          // an engine may go on reading the array
          gathered = undefined
          held = 0
          try {
            yield full
          } finally {
            full.dispose()
          }
        }
      } finally {
        batch.dispose()
      }
    }
  }
  if (gathered === undefined || size === undefined) return
  const row = gathered.length / size
  for (let first = 0; first < held;) {
    const count = rest === 'whole' ? held : 2 ** Math.floor(Math.log2(held - first))
    const piece = take(gathered.subarray(first * row, (first + count) * row), count)
    first += count
    try {
      yield piece
    } finally {
      piece.dispose()
    }
  }
}
