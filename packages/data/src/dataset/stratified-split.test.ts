import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toy } from '../__fixtures__/toy'
import { stratifiedSplit } from './stratified-split'

const keysOf = ({ length, key }: { length: number; key(i: number): string }) => Array.from({ length }, (_, i) => key(i))

describe('stratifiedSplit', () => {
  it('gives every image to one side, and both sides some of every class and domain', () => {
    const cases = fc.record({
      classes: fc.integer({ min: 1, max: 5 }),
      perClass: fc.integer({ min: 4, max: 12 }),
      domains: fc.integer({ min: 1, max: 2 }),
      testFraction: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      seed: fc.nat(),
    })
    fc.assert(
      fc.property(cases, ({ testFraction, seed, ...shape }) => {
        const { train: source, classNames } = toy(shape)
        const { train, test } = stratifiedSplit(source, classNames, { testFraction, seed })
        expect([...keysOf(train), ...keysOf(test)].sort()).toEqual(keysOf(source).sort())
        for (const side of [train, test]) {
          const strata = new Set(Array.from(side.labels, (label, i) => `${label} ${side.domains![i]}`))
          expect(strata.size).toBe(shape.classes * shape.domains)
        }
        const count = test.labels.filter((label) => label === 0).length
        expect(Math.abs(count - shape.perClass * testFraction)).toBeLessThanOrEqual(shape.domains)
      }),
      { numRuns: 60 },
    )
  })

  it('splits a class alike whatever other classes there are, and by the seed', () => {
    const of = (classes: number, seed?: number) => {
      const { train, classNames } = toy({ classes, perClass: 9, domains: 1 })
      const { test } = stratifiedSplit(train, classNames, { testFraction: 0.4, seed })
      return keysOf(test)
        .filter((_, i) => test.labels[i] === 0)
        .map((key) => Number(key.split('/').at(-1)) / classes)
    }
    expect(of(2)).toEqual(of(5))
    expect(of(2)).toEqual(of(2, 1993))
    expect(of(2, 5)).not.toEqual(of(2))
  })

  it('keeps a single image for training, and refuses a share that is none', () => {
    const { train: source, classNames } = toy({ classes: 2, perClass: 1 })
    expect(stratifiedSplit(source, classNames, { testFraction: 0.5 }).test.length).toBe(0)
    for (const testFraction of [0, 1, NaN]) {
      expect(() => stratifiedSplit(source, classNames, { testFraction })).toThrow('between 0 and 1')
    }
  })
})
