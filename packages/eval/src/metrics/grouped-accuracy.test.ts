import fc from 'fast-check'
import { expect, it } from 'vitest'
import { accuracy } from './accuracy'
import { groupedAccuracy } from './grouped-accuracy'
import { around } from './round'

const plan = { baseClasses: 2, increment: 2 }

it('groups by task, old and new', () => {
  const labels = [0, 0, 0, 1, 1, 1, 2, 3, 3]
  const predicted = [0, 0, 1, 1, 1, 0, 2, 3, 0]
  expect(groupedAccuracy(predicted, labels, { ...plan, classesBefore: 2 })).toEqual({
    total: 66.67,
    '00-01': 66.67,
    '02-03': 66.67,
    old: 66.67,
    new: 66.67,
  })
})

it('calls old 0 in the first task', () => {
  expect(groupedAccuracy([0, 1], [0, 0], { ...plan, classesBefore: 0 })).toEqual({
    total: 50,
    '00-01': 50,
    old: 0,
    new: 50,
  })
})

it('leaves out a last group of one class, as PILOT does', () => {
  const groups = groupedAccuracy([0, 1, 2], [0, 1, 2], { ...plan, classesBefore: 2 })
  expect(Object.keys(groups)).toEqual(['total', '00-01', 'old', 'new'])
})

it('writes class numbers with two digits at least', () => {
  const labels = Array.from({ length: 120 }, (_, i) => i)
  const groups = groupedAccuracy(labels, labels, { baseClasses: 100, increment: 10, classesBefore: 110 })
  expect(Object.keys(groups)).toEqual(['total', '00-99', '100-109', '110-119', 'old', 'new'])
})

it('totals the plain accuracy and weighs old and new by their images', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { minLength: 1, maxLength: 60 }),
      fc.nat(8),
      (pairs, known) => {
        const predicted = pairs.map(([p]) => p)
        const labels = pairs.map(([, l]) => l)
        const groups = groupedAccuracy(predicted, labels, { ...plan, classesBefore: known })
        expect(groups.total).toBe(around(accuracy(predicted, labels)))
        const old = labels.filter((label) => label < known).length
        const parts = (old ? groups.old! * old : 0) + (labels.length - old ? groups.new! * (labels.length - old) : 0)
        expect(Math.abs(parts / labels.length - groups.total!)).toBeLessThanOrEqual(0.011)
      },
    ),
  )
})
