import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import type { FeatureExtractor } from '../contracts/features'
import type { LabeledImages } from '../contracts/images'
import { memoryFeatureCache } from './feature-cache'
import { sideBySide } from './side-by-side'

/** `count` images of one pixel whose red is their number. */
function images(rows: readonly number[]): LabeledImages {
  return {
    length: rows.length,
    labels: Int32Array.from(rows, () => 0),
    key: (position) => String(rows[position]),
    select: (positions) => images(Array.from(positions, (position) => rows[position]!)),
    concat: () => images(rows),
    async *batches() {
      const pixels = tf.tensor4d(
        rows.flatMap((row) => [row, 0, 0]),
        [rows.length, 1, 1, 3],
      )
      const labels = tf.zeros<tf.Rank.R1>([rows.length], 'int32')
      yield {
        images: pixels,
        labels,
        positions: Int32Array.from(rows.keys()),
        dispose: () => tf.dispose([pixels, labels]),
      }
    },
  }
}

const times = (factor: number, id?: string): FeatureExtractor => ({
  ...(id && { id: () => Promise.resolve(id) }),
  width: 1,
  apply: (batch) => tf.mul(tf.slice(tf.reshape(batch, [-1, 3]), [0, 0], [-1, 1]), factor),
})

test('parts lie side by side, and the frozen ones are computed once', async () => {
  const cache = memoryFeatureCache()
  const before = tf.memory().numTensors
  const both = sideBySide([times(10, 'ten'), times(-1)])
  const first = await cache.extract(images([1, 2]), both)
  expect(first.arraySync()).toEqual([
    [10, -1],
    [20, -2],
  ])
  const again = await cache.extract(images([2, 3]), sideBySide([times(10, 'ten'), times(-2)]))
  expect(again.arraySync()).toEqual([
    [20, -4],
    [30, -6],
  ])
  expect(cache.stats).toEqual({ computed: 7, reused: 1 })
  tf.dispose([first, again])
  expect(tf.memory().numTensors).toBe(before)
})
