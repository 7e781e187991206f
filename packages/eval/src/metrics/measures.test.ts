import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accuracy } from './accuracy'
import { averageIncrementalAccuracy, lastAccuracy } from './accuracy-matrix'
import { confusionMatrix, perClassAccuracy } from './confusion'
import { forgetting, forgettingByTask } from './forgetting'
import { figuresOf, measures } from './measures'
import { backwardTransfer, forwardTransfer } from './transfer'

/** Three tasks; task 0 peaks after task 1, task 1 is forgotten by half. */
const matrix = [
  [90, null, null],
  [95, 80, null],
  [60, 40, 70],
]

describe('over the accuracy matrix', () => {
  it('averages the curve and takes its end', () => {
    expect(averageIncrementalAccuracy([90, 87.5, 56])).toBeCloseTo(77.8333, 4)
    expect(lastAccuracy([90, 87.5, 56])).toBe(56)
    expect(() => averageIncrementalAccuracy([])).toThrow('no task was learned')
  })

  it('measures forgetting from the best moment, transfer from the first', () => {
    expect(forgettingByTask(matrix)).toEqual([35, 40])
    expect(forgetting(matrix)).toBe(37.5)
    expect(backwardTransfer(matrix)).toBe(-35)
    expect(forgetting([[90]])).toBe(0)
    expect(backwardTransfer([[90]])).toBe(0)
    // The second task brings known classes alone, and has no test images of its own.
    const again = [
      [90, null, null],
      [80, null, null],
      [60, null, 70],
    ]
    expect([forgetting(again), backwardTransfer(again)]).toEqual([30, -30])
  })

  it('needs the tasks that are yet to come for forward transfer', () => {
    expect(forwardTransfer(matrix, [10, 10, 10])).toBeNull()
    expect(
      forwardTransfer(
        [
          [90, 30],
          [90, 80],
        ],
        [10, 12],
      ),
    ).toBe(18)
  })

  it('names a hole', () => {
    expect(() => forgetting([[90], [null, 80]])).toThrow('no entry for task 0 after learning task 1')
  })

  it('says what each task came to when it was learned', () => {
    const history = { curve: [90, 87.5, 56], accuracyMatrix: matrix, classes: 30 }
    expect(figuresOf(measures, history)).toMatchObject({
      learningAccuracy: 80,
      forgetting: 37.5,
      forwardTransfer: null,
    })
  })

  it('has a title, a unit and a name of its own for every measure', () => {
    expect(new Set(measures.map(({ name }) => name)).size).toBe(measures.length)
    expect(measures.map(({ format }) => format(-0.001))).toEqual(measures.map(() => '0.00'))
  })

  const square = fc.integer({ min: 1, max: 6 }).chain((n) =>
    fc.array(fc.array(fc.integer({ min: 0, max: 100 }), { minLength: n, maxLength: n }), {
      minLength: n,
      maxLength: n,
    }),
  )

  it('never forgets less than it transfers back, and nothing where accuracies never fall', () => {
    fc.assert(
      fc.property(square, (values) => {
        expect(forgetting(values)).toBeGreaterThanOrEqual(-backwardTransfer(values) - 1e-9)
        const rising = values.map((row, i) => row.map((_, j) => Math.max(...values.slice(0, i + 1).map((r) => r[j]!))))
        expect(forgetting(rising)).toBeLessThanOrEqual(0)
        expect(backwardTransfer(rising)).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})

describe('confusion', () => {
  it('counts true by predicted', () => {
    expect(confusionMatrix([0, 1, 1, 2], [0, 0, 1, 1], 3)).toEqual([
      [1, 1, 0],
      [0, 1, 1],
      [0, 0, 0],
    ])
    expect(
      perClassAccuracy([
        [1, 1, 0],
        [0, 3, 1],
        [0, 0, 0],
      ]),
    ).toEqual([50, 75, null])
    expect(() => confusionMatrix([3], [0], 3)).toThrow('image 0: label 0 or prediction 3')
  })

  it('holds every image once; its diagonal is the accuracy', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { minLength: 1, maxLength: 50 }), (pairs) => {
        const predicted = pairs.map(([p]) => p)
        const labels = pairs.map(([, l]) => l)
        const counts = confusionMatrix(predicted, labels, 5)
        expect(counts.flat().reduce((a, b) => a + b)).toBe(labels.length)
        const diagonal = counts.reduce((sum, row, c) => sum + row[c]!, 0)
        expect((diagonal * 100) / labels.length).toBe(accuracy(predicted, labels))
      }),
    )
  })
})
