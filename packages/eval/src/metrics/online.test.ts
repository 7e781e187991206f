import fc from 'fast-check'
import { expect, it } from 'vitest'
import { alignedExemplars, areaUnderAccuracy, imageBytes, modelBytes } from './memory-aligned'
import {
  accuracyBySession,
  averageAnytimeAccuracy,
  cumulativeAccuracy,
  cumulativeForgetting,
  minimumAccuracies,
  worstCaseAccuracy,
} from './online'

/** Two sessions, three evaluations each; session 0 dips right after its end and recovers. */
const history = {
  sessions: [0, 0, 0, 1, 1, 1],
  bySession: [
    [20, null],
    [60, null],
    [90, null],
    [40, 30],
    [70, 50],
    [80, 70],
  ],
}

it('measures the dip that averages at the ends of sessions do not see', () => {
  expect(minimumAccuracies(history)).toEqual([40])
  expect(worstCaseAccuracy(history)).toBe((70 + 40) / 2)
  const first = { sessions: [0], bySession: [[20, null]] }
  expect([minimumAccuracies(first), worstCaseAccuracy(first)]).toEqual([[], 20])
  // A step function by hand.
  expect(averageAnytimeAccuracy([100, 100, 50, 50])).toBe(75)
  expect(() => averageAnytimeAccuracy([])).toThrow('no evaluation')
  expect(() => worstCaseAccuracy({ sessions: [0, 2], bySession: [[1], [1]] })).toThrow('session 1 was never evaluated')
})

it('is the accuracy itself where that is constant, and never above that of the moment', () => {
  const rows = fc.array(fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 4, maxLength: 4 }), {
    minLength: 4,
    maxLength: 4,
  })
  fc.assert(
    fc.property(rows, fc.integer({ min: 0, max: 100 }), (bySession, constant) => {
      const sessions = [0, 1, 2, 3]
      const now = bySession[3]!.reduce((sum, value) => sum + value, 0) / 4
      expect(worstCaseAccuracy({ sessions, bySession })).toBeLessThanOrEqual(now + 1e-9)
      const same = bySession.map((row) => row.map(() => constant))
      expect(worstCaseAccuracy({ sessions, bySession: same })).toBeCloseTo(constant, 9)
      expect(cumulativeForgetting(same)).toBe(0)
    }),
  )
})

it('weighs the parts of a session by their test images', () => {
  const byPart = [
    [50, null, null],
    [50, 100, null],
    [80, 60, null],
    [80, 60, 10],
  ]
  // Part 2 brings no class, and has no test images.
  expect(accuracyBySession([[50, 100, null, 10]], [0, 0, 0, 1], [30, 10, 0, 5])).toEqual([[62.5, 10]])
  expect(accuracyBySession(byPart, [0, 0, 1], [1, 1, 4])).toEqual([
    [50, null],
    [75, null],
    [70, null],
    [70, 10],
  ])
})

it('lets only the classes so far be predicted, and forgets from what was right after', () => {
  const scores = [0.1, 0.7, 0.9, 0.6, 0.5, 0.9]
  expect(cumulativeAccuracy(scores, 3, [1, 0], [0, 1])).toBe(100)
  expect(cumulativeAccuracy(scores, 3, [1, 0], [0, 1, 2])).toBe(0)
  expect(() => cumulativeAccuracy(scores, 2, [1, 0], [0, 1])).toThrow('6 scores for 2 images of 2 classes')
  expect(cumulativeForgetting([[90], [80, 70], [60, 65, 50]])).toBe((30 + 5) / 2)
  expect(cumulativeForgetting([[90]])).toBe(0)
})

it('counts models and exemplars in bytes', () => {
  // The survey's CIFAR-100: a ResNet32 of 0.46 million parameters is worth 603 exemplars.
  expect(Math.floor(modelBytes(463_504) / imageBytes(32, 32))).toBe(603)
  expect(alignedExemplars(modelBytes(2_000_000), modelBytes(1_000_000), imageBytes(32, 32))).toBe(1302)
  expect(() => alignedExemplars(1, 2, 3)).toThrow('over the budget')
  const points = [
    { megabytes: 10, accuracy: 80 },
    { megabytes: 0, accuracy: 60 },
    { megabytes: 4, accuracy: 70 },
  ]
  expect(areaUnderAccuracy(points)).toBeCloseTo(4 * 0.65 + 6 * 0.75, 12)
  expect(() => areaUnderAccuracy(points.slice(0, 1))).toThrow('at least two budgets')
  expect(() => areaUnderAccuracy([...points, points[0]!])).toThrow('stands twice')
})
