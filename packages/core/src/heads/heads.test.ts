import * as tf from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { createRng } from '../random/rng'
import { numbers, sample } from '../testing/finite-differences'
import { cosineHead } from './cosine-head'
import type { Head } from './head'
import { linearHead } from './linear-head'
import { prototypeHead } from './prototype-head'
import { splitCosineHead } from './split-cosine-head'

const width = 3
const rng = () => createRng(5)
const makers: Record<string, () => Head> = {
  linear: () => linearHead({ width, rng: rng() }),
  'linear with torch’s start': () => linearHead({ width, rng: rng(), initialization: 'torch' }),
  cosine: () => cosineHead({ width, rng: rng() }),
  'split cosine': () => splitCosineHead({ width, rng: rng() }),
  'split cosine with proxies': () => splitCosineHead({ width, rng: rng(), proxies: 2 }),
  prototype: () => prototypeHead({ width, rng: rng() }),
}
const features = () => sample([4, width], 8) as Tensor2D
const columns = (scores: Tensor2D, count: number) => numbers(tf.slice(scores, [0, 0], [-1, count]))

let before = 0
beforeEach(() => void (before = tf.memory().numTensors))

describe.each(Object.entries(makers))('a %s head', (_, make) => {
  const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 })

  it('keeps the scores of known classes when it grows', () => {
    fc.assert(
      fc.property(sizes, (steps) => {
        const head = make()
        tf.tidy(() => {
          let known: number[] = []
          for (const step of steps) {
            const classes = head.classes
            head.grow(classes + step, { rows: 'random' })
            const scores = head.apply(features())
            expect(scores.shape).toEqual([4, classes + step])
            if (classes > 0) columns(scores, classes).forEach((score, i) => expect(score).toBeCloseTo(known[i]!, 5))
            known = columns(scores, classes + step)
          }
        })
        head.dispose()
      }),
      { numRuns: 10 },
    )
    expect(tf.memory().numTensors).toBe(before)
  })

  it('draws the same rows whether it was resumed or not', () => {
    const [straight, first, resumed] = [make(), make(), make()]
    straight.grow(2, { rows: 'random' })
    straight.grow(5, { rows: 'random' })
    first.grow(2, { rows: 'random' })
    resumed.restore(first.variables(), first.json?.())
    resumed.grow(5, { rows: 'random' })
    expect(resumed.classes).toBe(5)
    tf.tidy(() => {
      expect(numbers(resumed.apply(features()))).toEqual(numbers(straight.apply(features())))
    })
    for (const head of [straight, first, resumed]) head.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('can be taken back to an earlier, smaller state', () => {
    const [head, kept] = [make(), make()]
    kept.grow(2)
    head.grow(6)
    head.restore(kept.variables(), kept.json?.())
    expect(head.classes).toBe(2)
    expect(Object.keys(head.variables()).sort()).toEqual(Object.keys(kept.variables()).sort())
    head.dispose()
    kept.dispose()
  })
})

describe.each(Object.entries(makers).filter(([name]) => !name.includes('proxies')))(
  'the verbs of a %s head',
  (_, make) => {
    it('give and take rows by label', () => {
      const head = make()
      head.grow(4, { rows: 'random' })
      tf.tidy(() => {
        const before = head.rows().arraySync()
        const given = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3])
        head.setRows([3, 1], given)
        expect(head.rows([3, 1]).arraySync()).toEqual([
          [1, 2, 3],
          [4, 5, 6],
        ])
        expect(head.rows([0, 2]).arraySync()).toEqual([before[0], before[2]])
        head.setRows('all', tf.ones([4, 3]))
        expect(numbers(head.rows())).toEqual(Array(12).fill(1))
      })
      head.dispose()
      expect(tf.memory().numTensors).toBe(before)
    })

    it('begin anew, and copy from another', () => {
      const [head, other] = [make(), make()]
      other.grow(3, { rows: 'random' })
      head.grow(2, { rows: 'random' })
      head.copyFrom(other)
      expect(head.classes).toBe(3)
      tf.tidy(() => void expect(numbers(head.apply(features()))).toEqual(numbers(other.apply(features()))))
      other.reset(1, { rows: 'zero' })
      expect([head.classes, other.classes]).toEqual([3, 1])
      tf.tidy(() => void expect(numbers(other.rows())).toEqual([0, 0, 0]))
      for (const own of [head, other]) own.dispose()
      expect(tf.memory().numTensors).toBe(before)
    })
  },
)

describe('a prototype head that was widened', () => {
  it('unlearns a class at its width', () => {
    const head = prototypeHead({ width, rng: rng() })
    head.grow(3, { width: 2 * width, rows: 'random' })
    tf.tidy(() => {
      const kept = numbers(head.rows([0, 2]))
      head.remove(1)
      expect([head.classes, head.width]).toEqual([2, 2 * width])
      expect(numbers(head.rows())).toEqual(kept)
    })
    head.dispose()
  })
})

describe('rows that do not fit', () => {
  it('are refused', () => {
    const head = linearHead({ width, rng: rng() })
    head.grow(2)
    tf.tidy(() => {
      expect(() => head.setRows([0], tf.zeros([2, 3]))).toThrow('1 rows of a head [2, 3] cannot be [2, 3]')
      expect(() => head.setRows([5], tf.zeros([1, 3]))).toThrow('no row of class 5')
      expect(() => head.setRows('all', tf.zeros([3, 3]))).toThrow('2 rows of a head [2, 3] cannot be [3, 3]')
    })
    head.dispose()
  })
})

describe('a factor on the cosines', () => {
  it('is 1 again after a reset, or stays', () => {
    const head = cosineHead({ width, rng: rng() })
    head.grow(2)
    const scale = () => head.variables().sigma!.dataSync()[0]
    tf.tidy(() => head.variables().sigma!.assign(tf.tensor1d([3])))
    head.reset(4, { width: 5, rows: 'zero', keepScale: true })
    expect([head.classes, head.width, scale()]).toEqual([4, 5, 3])
    head.reset(2)
    expect([head.classes, head.width, scale()]).toEqual([2, width, 1])
    head.dispose()
  })
})

describe('linearHead', () => {
  it('starts as PILOT does: uniform within √(3/width), biases zero', () => {
    const head = linearHead({ width: 12, rng: rng(), label: 'aux_fc' })
    head.grow(50)
    expect(Object.keys(head.variables())).toEqual(['weight', 'bias'])
    const weights = Array.from(head.variables().weight!.dataSync())
    expect(Math.max(...weights.map(Math.abs))).toBeLessThanOrEqual(0.5)
    expect(Math.max(...weights.map(Math.abs))).toBeGreaterThan(0.45)
    expect(Array.from(head.variables().bias!.dataSync()).every((bias) => bias === 0)).toBe(true)
    head.dispose()
  })

  it('widens for more features: old rows keep their columns, the rest is drawn', () => {
    const head = linearHead({ width, rng: rng() })
    head.grow(2)
    const old = Array.from(head.variables().weight!.dataSync())
    head.grow(4, { width: 5 })
    expect([head.classes, head.width]).toEqual([4, 5])
    const wide = Array.from(head.variables().weight!.dataSync())
    expect([...wide.slice(0, 3), ...wide.slice(5, 8)]).toEqual(old)
    expect(wide.every((value) => value !== 0)).toBe(true)
    head.dispose()
  })

  it('takes rows that are given, and refuses to shrink or rows that do not fit', () => {
    const head = linearHead({ width, rng: rng(), bias: false })
    head.grow(1, { rows: 'zero' })
    head.grow(2, { rows: tf.tensor2d([1, 2, 3], [1, 3]) })
    expect(Array.from(head.variables().weight!.dataSync())).toEqual([0, 0, 0, 1, 2, 3])
    expect(() => head.grow(1)).toThrow('A head of [2, 3] cannot shrink to [1, 3]')
    expect(() => head.grow(4, { rows: tf.zeros([1, 3]) })).toThrow('A head needs new rows [2, 3], got [1, 3]')
    head.dispose()
  })

  it('draws anew at the same size when given another generator', () => {
    const draw = (seed: number) => {
      const head = linearHead({ width, rng: rng() })
      head.grow(2, { rng: createRng(seed) })
      const values = Array.from(head.variables().weight!.dataSync())
      head.dispose()
      return values
    }
    expect(draw(1)).not.toEqual(draw(2))
    expect(draw(1)).toEqual(draw(1))
  })
})

describe('splitCosineHead', () => {
  it('keeps new classes in a half of their own', () => {
    const head = splitCosineHead({ width, rng: rng() })
    const shapes = () =>
      Object.fromEntries(Object.entries(head.variables()).map(([name, { shape }]) => [name, shape.join('×')]))
    head.grow(2)
    expect(shapes()).toEqual({ 'fc1.weight': '2×3', sigma: '1' })
    head.grow(5)
    expect(shapes()).toEqual({ 'fc1.weight': '2×3', 'fc2.weight': '3×3', sigma: '1' })
    head.grow(6)
    expect(shapes()).toEqual({ 'fc1.weight': '5×3', 'fc2.weight': '1×3', sigma: '1' })
    head.dispose()
  })

  it('weighs the cosines of proxies by their softmax', () => {
    const head = splitCosineHead({ width: 2, rng: rng(), proxies: 2, scale: false })
    head.grow(1)
    tf.tidy(() => head.variables()['fc1.weight']!.assign(tf.tensor2d([1, 0, 0, 1], [2, 2])))
    // Cosines 1 and 0: e / (e + 1).
    expect(numbers(head.apply(tf.tensor2d([2, 0], [1, 2])))[0]).toBeCloseTo(Math.E / (Math.E + 1), 6)
    head.dispose()
  })
})

describe('prototypeHead', () => {
  const points = tf.keep(tf.tensor2d([1, 0, 0, 3, 0, 0, 0, 5, 0], [3, 3]))
  const rows = (head: Head) => Array.from(head.variables().weight!.dataSync())

  it('takes class means and leaves other classes as they are', () => {
    const head = prototypeHead({ width, rng: rng() })
    head.grow(3)
    head.learn(points, [0, 0, 2])
    expect(rows(head)).toEqual([2, 0, 0, 0, 0, 0, 0, 5, 0])
    head.learn(points, [1, 1, 1])
    expect(rows(head).slice(0, 3)).toEqual([2, 0, 0])
    head.dispose()
  })

  it('goes on averaging when a class comes back, also after a restart', () => {
    const head = prototypeHead({ width, rng: rng() })
    head.grow(1)
    head.learn(points, [0, 0, 0])
    const resumed = prototypeHead({ width, rng: rng() })
    resumed.restore(head.variables(), head.json?.())
    resumed.learn(tf.tensor2d([0, 0, 8], [1, 3]), [0])
    // Sum [4, 5, 8] of four images.
    rows(resumed).forEach((value, i) => expect(value).toBeCloseTo([1, 1.25, 2][i]!, 6))
    head.dispose()
    resumed.dispose()
  })

  it('refuses labels it has no room for', () => {
    const head = prototypeHead({ width, rng: rng() })
    head.grow(2)
    expect(() => head.learn(points, [0, 1, 2])).toThrow('prototypes: label 2, but the head has 2 classes')
    expect(() => head.learn(points, [0])).toThrow(/1 labels want as many rows/)
    head.dispose()
  })
})
