import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accuracy } from './accuracy'
import { predictions, topK, topKAccuracy } from './top-k'

describe('topK', () => {
  it('lists the best classes first, ties by class, NaN last', () => {
    const top = topK([0.1, 0.7, 0.2, 0.5, 0.5, 0.5, NaN, -1, NaN], 3, 2)
    expect(top.k).toBe(2)
    expect(Array.from(top.classes)).toEqual([1, 2, 0, 1, 1, 0])
    expect(Array.from(predictions(top))).toEqual([1, 0, 1])
  })

  it('takes what there is where k exceeds the classes', () => {
    expect(topK([3, 1, 2, 0], 4, 5).k).toBe(4)
  })

  it('names a wrong shape', () => {
    expect(() => topK([1, 2, 3], 2, 1)).toThrow('3 scores are no whole number of rows of 2 classes')
    expect(() => topK([1, 2], 2, 0)).toThrow('k must be a positive integer')
  })

  const scored = fc
    .tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
    .chain(([images, classes, k]) =>
      fc.record({
        classes: fc.constant(classes),
        k: fc.constant(k),
        scores: fc.array(fc.integer({ min: -5, max: 5 }), { minLength: images * classes, maxLength: images * classes }),
        labels: fc.array(fc.nat(classes - 1), { minLength: images, maxLength: images }),
      }),
    )

  it('agrees with a stable sort', () => {
    fc.assert(
      fc.property(scored, ({ scores, classes, k, labels }) => {
        const sorted = labels.flatMap((_, image) => {
          const row = scores.slice(image * classes, (image + 1) * classes)
          return [...row.keys()].sort((a, b) => row[b]! - row[a]!).slice(0, k)
        })
        expect(Array.from(topK(scores, classes, k).classes)).toEqual(sorted)
      }),
    )
  })

  it('accuracy grows with k, from top-1 to certainty', () => {
    fc.assert(
      fc.property(scored, ({ scores, classes, k, labels }) => {
        const at = (n: number) => topKAccuracy(topK(scores, classes, n), labels)
        expect(at(1)).toBe(accuracy(predictions(topK(scores, classes, k)), labels))
        expect(at(k)).toBeLessThanOrEqual(at(k + 1))
        expect(at(classes)).toBe(100)
      }),
    )
  })
})
