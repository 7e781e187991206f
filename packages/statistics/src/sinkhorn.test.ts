import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deviation, readFixture } from './__fixtures__/floats'
import { sinkhorn, sinkhornAsPot } from './sinkhorn'

interface Recorded {
  cost: number[][]
  rows: number
  columns: number
  regularization: number
  iterations?: number
  plan: number[][]
}
const recorded = readFixture<{ coil: Recorded[]; duct: Recorded[] }>('sinkhorn')
const each = (count: number, mass: number) => Array.from({ length: count }, () => mass)

describe('sinkhornAsPot', () => {
  it.each(recorded.coil.map((one) => [one.cost.length, one.cost[0]!.length, one] as const))(
    'is POT’s, %i × %i, whether masses agree in sum or not',
    (n, m, { cost, rows, columns, regularization, iterations, plan }) => {
      // PILOT's Coil hands float32 masses over.
      const [a, b] = [Float32Array.from(each(n, rows)), Float32Array.from(each(m, columns))]
      const found = sinkhornAsPot({ cost: cost.flat(), rows: a, columns: b, regularization })
      expect(deviation(found.plan, plan.flat())).toBeLessThan(1e-9)
      expect(found.iterations).toBe(iterations)
    },
  )

  it('is POT’s for DUCT', () => {
    for (const { cost, rows, columns, regularization, plan } of recorded.duct) {
      const problem = { cost: cost.flat(), rows: each(4, rows), columns: each(4, columns), regularization }
      expect(deviation(sinkhornAsPot(problem).plan, plan.flat())).toBeLessThan(1e-6)
    }
  })
})

describe('sinkhorn', () => {
  const problems = fc.record({
    n: fc.integer({ min: 1, max: 6 }),
    m: fc.integer({ min: 1, max: 6 }),
    costs: fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { minLength: 36, maxLength: 36 }),
    regularization: fc.double({ min: 0.2, max: 2, noNaN: true }),
  })

  it('moves all mass of every row, and to every column its own', () => {
    fc.assert(
      fc.property(problems, ({ n, m, costs, regularization }) => {
        const problem = { cost: costs.slice(0, n * m), rows: each(n, 1 / n), columns: each(m, 1 / m), regularization }
        const { plan, converged } = sinkhorn(problem)
        for (let i = 0; i < n; i++)
          expect(plan.slice(i * m, (i + 1) * m).reduce((sum, mass) => sum + mass, 0)).toBeCloseTo(1 / n, 9)
        if (!converged) return
        for (let j = 0; j < m; j++)
          expect(plan.filter((_, k) => k % m === j).reduce((sum, mass) => sum + mass, 0)).toBeCloseTo(1 / m, 7)
      }),
    )
  })

  it('is POT’s where POT converges', () => {
    const { cost, rows, columns, regularization, plan } = recorded.coil[0]!
    const problem = { cost: cost.flat(), rows: each(4, rows), columns: each(4, columns), regularization }
    expect(deviation(sinkhorn(problem).plan, plan.flat())).toBeLessThan(1e-9)
  })

  it('stands costs that leave nothing of e^(−cost / regularization)', () => {
    const problem = { cost: [0, 900, 900, 0], rows: [0.5, 0.5], columns: [0.5, 0.5], regularization: 0.01 }
    expect(Array.from(sinkhorn(problem).plan)).toEqual([0.5, 0, 0, 0.5])
    const far = sinkhorn({ ...problem, cost: [900, 901, 901, 900] })
    expect(Array.from(far.plan)).toEqual([
      expect.closeTo(0.5, 9),
      expect.closeTo(0, 9),
      expect.closeTo(0, 9),
      expect.closeTo(0.5, 9),
    ])
  })

  it('says what does not fit', () => {
    const problem = { cost: [1, 2], rows: [1], columns: [0.5, 0.5], regularization: 1 }
    expect(() => sinkhorn({ ...problem, cost: [1] })).toThrow(/1 costs for 1 rows and 2 columns/)
    expect(() => sinkhorn({ ...problem, rows: [2] })).toThrow(/rows hold 2 in all and columns 1/)
    expect(() => sinkhorn({ ...problem, regularization: 0 })).toThrow(/regularization must be above 0/)
    expect(() => sinkhorn({ ...problem, columns: [1, 0] })).toThrow(/needs a mass above 0, got 0/)
  })
})
