import { describe, expect, it } from 'vitest'
import { type Schedule, constant, cosine, heldBack, multiStep, warmup } from './schedule'

/** The rate at the first step of each epoch. */
const byEpoch = (schedule: Schedule, epochs: number, rate = 1) =>
  Array.from({ length: epochs }, (_, epoch) => schedule(rate, { epoch, epochs, step: 0, stepsPerEpoch: 4 }))
const rounded = (rates: number[]) => rates.map((rate) => Number(rate.toFixed(6)))

describe('schedules', () => {
  it('constant stays', () => expect(byEpoch(constant(), 3, 0.3)).toEqual([0.3, 0.3, 0.3]))

  it('multiStep falls at its milestones', () => {
    expect(rounded(byEpoch(multiStep({ milestones: [3, 1], gamma: 0.1 }), 5))).toEqual([1, 0.1, 0.1, 0.01, 0.01])
  })

  it('cosine goes down to its minimum an epoch after the last', () => {
    const rates = byEpoch(cosine({ minimum: 0.2 }), 4)
    expect(rounded(rates)).toEqual([1, rates[1]!, 0.6, rates[3]!].map((rate) => Number(rate.toFixed(6))))
    expect(rates[1]! + rates[3]!).toBeCloseTo(1.2, 10)
    expect(cosine({ minimum: 0.2 })(1, { epoch: 4, epochs: 4, step: 0, stepsPerEpoch: 4 })).toBeCloseTo(0.2, 10)
  })

  it('cosine can move at every step, or over another number of epochs', () => {
    const at = { epoch: 1, epochs: 4, step: 2, stepsPerEpoch: 4 }
    expect(cosine({ per: 'step' })(1, at)).toBeCloseTo((1 + Math.cos((Math.PI * 1.5) / 4)) / 2, 10)
    expect(cosine()(1, at)).toBeCloseTo((1 + Math.cos(Math.PI / 4)) / 2, 10)
    expect(cosine({ epochs: 2 })(1, at)).toBeCloseTo(0.5, 10)
  })

  it('warmup rises by step and hands over the epochs that remain', () => {
    const schedule = warmup({ epochs: 1.5, from: 0.1 }, cosine({ per: 'step' }))
    const rate = (epoch: number, step: number) => schedule(1, { epoch, epochs: 5.5, step, stepsPerEpoch: 4 })
    expect(rate(0, 0)).toBeCloseTo(0.1, 10)
    expect(rate(0, 3)).toBeCloseTo(0.1 + 0.9 * 0.5, 10)
    expect(rate(1, 2)).toBeCloseTo(1, 10)
    expect(rate(3, 2)).toBeCloseTo(0.5, 10)
  })
  it('heldBack gives a fraction of another schedule first', () => {
    const schedule = heldBack({ epochs: 2, factor: 1 / 4 }, multiStep({ milestones: [1], gamma: 0.5 }))
    expect(byEpoch(schedule, 4, 8)).toEqual([2, 1, 4, 4])
  })
})
