import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { floats, readGolden } from './__fixtures__/golden'
import { herd, meanOfRows, unitRows, unitVector } from './herding'

const cloud = fc.tuple(fc.integer({ min: 1, max: 14 }), fc.integer({ min: 1, max: 6 })).chain(([rows, width]) =>
  fc.record({
    width: fc.constant(width),
    features: fc.array(fc.float({ min: -4, max: 4, noNaN: true }), {
      minLength: rows * width,
      maxLength: rows * width,
    }),
  }),
)

/** ‖mean of all units − mean of the picked units‖. */
function distance(units: Float64Array, width: number, picked: number[]): number {
  const all = Array.from({ length: units.length / width }, (_, i) => i)
  const target = meanOfRows(units, width, all)
  return Math.sqrt(meanOfRows(units, width, picked).reduce((sum, value, k) => sum + (value - target[k]!) ** 2, 0))
}

describe('herd', () => {
  it.each(['icarl-task0', 'icarl-task1', 'der-task1'])('picks what PILOT picked: %s', (name) => {
    const golden = readGolden(name)
    const features = floats(golden.features)
    for (const [label, { picks, margins }] of Object.entries(golden.herding)) {
      const first = golden.labels.indexOf(Number(label))
      const own = features.slice(first * golden.width, (first + 10) * golden.width)
      expect(Math.min(...margins)).toBeGreaterThan(1e-6)
      expect(herd(own, golden.width, picks.length)).toEqual(picks)
    }
  })

  it('picks each time the image whose mean with the earlier picks is nearest', () => {
    fc.assert(
      fc.property(cloud, fc.integer({ min: 1, max: 14 }), ({ features, width }, count) => {
        const values = Float32Array.from(features)
        const units = unitRows(values, width)
        const picks = herd(values, width, count)
        expect(new Set(picks).size).toBe(Math.min(count, features.length / width))
        picks.forEach((pick, k) => {
          const before = picks.slice(0, k)
          const reached = distance(units, width, [...before, pick])
          for (let other = 0; other < features.length / width; other++)
            if (!before.includes(other))
              expect(reached).toBeLessThanOrEqual(distance(units, width, [...before, other]) + 1e-9)
        })
      }),
    )
  })

  it('gives a shorter list as the beginning of a longer one', () => {
    fc.assert(
      fc.property(cloud, fc.integer({ min: 1, max: 10 }), ({ features, width }, count) => {
        const values = Float32Array.from(features)
        expect(herd(values, width, count)).toEqual(herd(values, width, 14).slice(0, count))
      }),
    )
  })

  it('takes the first of equals, and every duplicate once', () => {
    expect(herd(Float32Array.of(1, 0, 1, 0, 1, 0), 2, 5)).toEqual([0, 1, 2])
  })

  it('refuses features that are no numbers', () => {
    expect(() => herd(Float32Array.of(NaN, 1), 1, 1)).toThrow(/diverged/)
    expect(() => herd(Float32Array.of(1, 2, 3), 2, 1)).toThrow(/no rows of width 2/)
  })
})

describe('unitVector', () => {
  it('has length one, but for zero', () => {
    expect([...unitVector(Float64Array.of(3, 4))]).toEqual([0.6, 0.8])
    expect([...unitVector(Float64Array.of(0, 0))]).toEqual([0, 0])
  })
})
