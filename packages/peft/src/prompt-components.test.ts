import { l2Normalize } from '@pilotjs/core/ops'
import { createRng } from '@pilotjs/core/random'
import { gradientsOf } from '@pilotjs/core/training'
import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawOrthogonalRows } from './orthogonal-rows'
import { promptComponents } from './prompt-components'
import { expectNear, expectSlopes } from './testing/small-vit'

describe('drawOrthogonalRows', () => {
  it('draws unit rows, orthogonal to each other and to orthogonal rows before', () => {
    fc.assert(
      fc.property(fc.integer({ min: 6, max: 14 }), fc.nat({ max: 100 }), (width, seed) => {
        const [first, all] = [Math.floor(width / 2), width - 2]
        const rows = new Float32Array(all * width)
        drawOrthogonalRows(rows, width, 0, first, createRng(seed))
        drawOrthogonalRows(rows, width, first, all, createRng(seed + 1))
        for (let a = 0; a < all; a++)
          for (let b = 0; b <= a; b++) {
            let product = 0
            for (let i = 0; i < width; i++) product += rows[a * width + i]! * rows[b * width + i]!
            expect(product).toBeCloseTo(a === b ? 1 : 0, 4)
          }
      }),
      { numRuns: 30 },
    )
  })

  it('takes a random direction once the space is full, and leaves earlier rows alone', () => {
    const rows = new Float32Array(4 * 2)
    drawOrthogonalRows(rows, 2, 0, 2, createRng(1))
    const before = rows.slice(0, 4)
    drawOrthogonalRows(rows, 2, 2, 4, createRng(2))
    expect(rows.slice(0, 4)).toEqual(before)
    expect(Math.hypot(rows[4]!, rows[5]!)).toBeCloseTo(1, 5)
    expect(Math.hypot(rows[6]!, rows[7]!)).toBeCloseTo(1, 5)
  })
})

describe('promptComponents', () => {
  const make = () => promptComponents({ size: 4, length: 6, width: 5, blocks: [0, 3] })

  it('begins a task’s components, keeps those before and leaves those after at zero', async () => {
    const before = tf.memory().numTensors
    const components = make()
    await components.begin(0, 2, createRng(1))
    const first = Array.from(components.variables()['e_p_3']!.dataSync())
    expect(first.slice(2 * 30).every((value) => value === 0)).toBe(true)
    await components.begin(2, 6, createRng(2))
    expect(components.size).toBe(6)
    expect(components.variables()['e_p_3']!.shape).toEqual([6, 6, 5])
    const then = Array.from(components.variables()['e_p_3']!.dataSync())
    expect(then.slice(0, 60)).toEqual(first.slice(0, 60))

    const restored = make()
    restored.restore(components.variables(), undefined)
    expect(restored.size).toBe(6)
    restored.dispose()
    components.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('weighs components by the cosine of key and attended query', async () => {
    const components = make()
    await components.begin(0, 3, createRng(1))
    tf.tidy(() => {
      const queries = tf.tensor2d(createRng(2).normals(10, 0, 1), [2, 5])
      const { keys, values } = components.tuning(queries, { to: 3 }).prefix!(3)!
      const table = (kind: string) => tf.slice(components.variables()[`e_${kind}_3`]!, [0], [3])
      // Pair by pair, as the paper's equations 3 and 5 say.
      const attended = tf.mul(tf.reshape(queries, [2, 1, 5]), tf.reshape(table('a'), [1, 3, 5]))
      const weights = tf.sum(tf.mul(l2Normalize(attended), l2Normalize(table('k'))), 2) as Tensor2D
      const tokens = tf.reshape(tf.matMul(weights, tf.reshape(table('p'), [3, 30]) as Tensor2D), [2, 6, 5])
      expectNear(Array.from(keys.dataSync()), Array.from(tf.slice(tokens, [0, 0, 0], [2, 3, 5]).dataSync()))
      expectNear(Array.from(values.dataSync()), Array.from(tf.slice(tokens, [0, 3, 0], [2, 3, 5]).dataSync()))
      expect(components.tuning(queries, { to: 3 }).prefix!(1)).toBeUndefined()
    })
    components.dispose()
  })

  it('trains what is new, and only that', async () => {
    const components = make()
    await components.begin(0, 4, createRng(1))
    const queries = tf.tensor2d(createRng(2).normals(10, 0, 1), [2, 5])
    const value = (from: number) => () => {
      const { keys, values } = components.tuning(queries, { from, to: 4 }).prefix!(0)!
      const scores = tf.add(tf.sum(tf.square(keys)), tf.sum(tf.mul(values, tf.range(1, 6)))) as Scalar
      return tf.add(scores, components.orthogonality({ from, to: 4 })) as Scalar
    }
    const variables = Object.fromEntries(Object.entries(components.variables()).filter(([name]) => name.endsWith('_0')))
    expectSlopes(value(0), variables)
    tf.tidy(() => {
      for (const gradient of Object.values(gradientsOf(value(2), variables).gradients)) {
        const rows = tf.reshape(gradient, [4, -1]).arraySync() as number[][]
        expect(
          rows
            .slice(0, 2)
            .flat()
            .every((slope) => slope === 0),
        ).toBe(true)
        expect(
          rows
            .slice(2)
            .flat()
            .some((slope) => slope !== 0),
        ).toBe(true)
      }
    })
    queries.dispose()
    components.dispose()
  })

  it('fines what is not orthonormal', async () => {
    const components = make()
    await components.begin(0, 4, createRng(1))
    tf.tidy(() => {
      expect(components.orthogonality({ to: 4 }).dataSync()[0]).toBeCloseTo(0, 5)
      const keys = components.variables()['e_k_0']!
      keys.assign(tf.mul(keys, 2))
      // Four rows of length 2: (4 − 1)² on the diagonal of a 4 × 4 mean.
      expect(components.orthogonality({ to: 4 }).dataSync()[0]).toBeCloseTo((4 * 9) / 16, 4)
    })
    components.dispose()
  })
})
