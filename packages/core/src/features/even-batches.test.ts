import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Batch } from '../contracts/images'
import { evenBatches } from './even-batches'

/** Images of one pixel that hold their own number, in batches of at most `size`. */
async function* numbered(first: number, count: number, size: number): AsyncGenerator<Batch> {
  for (let at = 0; at < count; at += size) {
    const numbers = Array.from({ length: Math.min(size, count - at) }, (_, i) => first + at + i)
    const images = tf.tensor4d(
      numbers.flatMap((n) => [n, n, n]),
      [numbers.length, 1, 1, 3],
    )
    const labels = tf.tensor1d(numbers, 'int32')
    yield { images, labels, positions: Int32Array.from(numbers), dispose: () => tf.dispose([images, labels]) }
    await Promise.resolve()
  }
}

it('gives every image once and in order, in full batches and then powers of two or all that is left', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 5 }),
      fc.constantFrom(1, 8, 12),
      fc.constantFrom('pieces' as const, 'whole' as const),
      async (counts, size, left) => {
        const before = tf.memory().numTensors
        const total = counts.reduce((a, b) => a + b, 0)
        let first = 0
        const sources = counts.map((count) => numbered((first += count) - count, count, size))
        const seen: number[] = []
        const sizes: number[] = []
        for await (const images of evenBatches(sources, size, left)) {
          const values = await images.data()
          sizes.push(images.shape[0])
          for (let i = 0; i < values.length; i += 3) seen.push(values[i]!)
        }
        expect(seen).toEqual(Array.from({ length: total }, (_, i) => i))
        const full = Math.floor(total / size)
        expect(sizes.slice(0, full).every((count) => count === size)).toBe(true)
        const rest = sizes.slice(full)
        if (left === 'whole') expect(rest).toEqual(total % size > 0 ? [total % size] : [])
        else
          expect(rest.every((count, i) => Number.isInteger(Math.log2(count)) && count < (rest[i - 1] ?? size))).toBe(
            true,
          )
        expect(tf.memory().numTensors).toBe(before)
      },
    ),
  )
})

it('lets go of everything when its caller stops early', async () => {
  const before = tf.memory().numTensors
  for (const enough of [1, 2, 3]) {
    let taken = 0
    for await (const images of evenBatches([numbered(0, 3, 4), numbered(3, 8, 4)], 4)) {
      expect(images.shape.slice(1)).toEqual([1, 1, 3])
      if (++taken === enough) break
    }
    expect(tf.memory().numTensors).toBe(before)
  }
})
