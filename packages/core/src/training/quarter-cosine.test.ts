import { describe, expect, it } from 'vitest'
import { quarterCosine } from './quarter-cosine'

const ratesOf = (epochs: number, lag?: number) =>
  Array.from({ length: epochs }, (_, epoch) =>
    quarterCosine({ lag })(1e-3, { epoch, epochs, step: 0, stepsPerEpoch: 1 }),
  )

describe('quarterCosine', () => {
  it('falls from the rate to almost nothing', () => {
    const rates = ratesOf(20)
    expect(rates[0]).toBe(1e-3)
    expect(rates[19]).toBeCloseTo(1e-3 * Math.cos(0.495 * Math.PI), 12)
    rates.slice(1).forEach((rate, i) => expect(rate).toBeLessThan(rates[i]!))
  })

  it('comes an epoch late in PILOT', () => {
    // Recorded rates of a run of four epochs.
    ;[1e-3, 1e-3, 8.686e-4, 5.09e-4].forEach((rate, epoch) => expect(ratesOf(4, 1)[epoch]).toBeCloseTo(rate, 6))
  })

  it('stays where there is one epoch only', () => {
    expect(ratesOf(1)).toEqual([1e-3])
  })
})
