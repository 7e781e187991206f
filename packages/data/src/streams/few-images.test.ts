import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plain, toy } from '../__fixtures__/toy'
import { classIncremental } from './class-incremental'
import { fewShot } from './few-shot'
import { longTailed } from './long-tailed'

const transforms = plain
const countsOf = (labels: Int32Array, classes: number) =>
  Array.from({ length: classes }, (_, c) => labels.filter((label) => label === c).length)

describe('fewShot', () => {
  it('keeps the base session whole, and so many images of every later class', () => {
    const cases = fc.record({
      base: fc.integer({ min: 1, max: 5 }),
      increment: fc.integer({ min: 1, max: 3 }),
      shots: fc.integer({ min: 1, max: 6 }),
      seed: fc.nat(1000),
    })
    fc.assert(
      fc.property(cases, ({ base, increment, shots, seed }) => {
        const stream = fewShot(toy({ classes: 8, perClass: 6 }), {
          baseClasses: base,
          increment,
          shots,
          seed,
          transforms,
        })
        const whole = classIncremental(toy({ classes: 8, perClass: 6 }), {
          baseClasses: base,
          increment,
          seed,
          transforms,
        })
        stream.tasks.forEach((task, t) => {
          expect(task.classes).toEqual(whole.tasks[t]!.classes)
          const counts = countsOf(task.train.labels, 8).filter((count) => count > 0)
          expect(new Set(counts)).toEqual(new Set([t === 0 ? 6 : shots]))
          expect(stream.test(t).length).toBe(whole.test(t).length)
        })
      }),
      { numRuns: 40 },
    )
  })

  it('takes the same images of a class whatever the sessions are', () => {
    const keys = (increment: number) => {
      const stream = fewShot(toy({ classes: 6, perClass: 9 }), { baseClasses: 2, increment, shots: 3, transforms })
      return stream.tasks.slice(1).flatMap(({ train }) => Array.from({ length: train.length }, (_, i) => train.key(i)))
    }
    expect(keys(1)).toEqual(keys(2))
  })

  it('names a class that has fewer images', () => {
    expect(() => fewShot(toy({ perClass: 4 }), { baseClasses: 2, increment: 2, shots: 5, transforms })).toThrow(
      /shots is 5, but class 'class \d' has only 4 training images/,
    )
    expect(() => fewShot(toy(), { baseClasses: 0, increment: 2, transforms })).toThrow('baseClasses')
  })
})

describe('longTailed', () => {
  it('shrinks classes exponentially, in the order of the stream or another', () => {
    const dataset = toy({ classes: 5, perClass: 100, size: 1 })
    const ordered = longTailed(dataset, { ratio: 0.01, arrangement: 'ordered' })
    const stream = classIncremental(ordered, { increment: 1, transforms })
    // 100 · 0.01^(c / 4), rounded down
    expect(stream.tasks.map(({ train }) => train.length)).toEqual([100, 31, 10, 3, 1])
    const shuffled = longTailed(dataset, { ratio: 0.01 })
    expect(countsOf(shuffled.train.labels, 5).sort((a, b) => b - a)).toEqual([100, 31, 10, 3, 1])
    expect(shuffled.test).toBe(dataset.test)
  })

  it('keeps the images of a class by seed and class', () => {
    const dataset = toy({ classes: 3, perClass: 10 })
    const keys = (seed?: number, ratio = 0.1) => {
      const { train } = longTailed(dataset, { ratio, seed, arrangement: 'ordered', shuffle: false })
      return Array.from({ length: train.length }, (_, i) => train.key(i))
    }
    expect(keys()).toEqual(keys(1993))
    expect(keys(1)).not.toEqual(keys(2))
    // A smaller ratio takes a part of what a larger one takes.
    expect(keys(1, 0.5)).toEqual(expect.arrayContaining(keys(1, 0.2)))
    expect(longTailed(dataset, { ratio: 1 }).train.length).toBe(30)
    for (const ratio of [0, -1, 2, NaN]) expect(() => longTailed(dataset, { ratio })).toThrow('ratio')
  })
})
