import { describe, expect, it } from 'vitest'
import { holdOut } from './hold-out'

const counts = new Map(Array.from({ length: 60 }, (_, i) => [`family-${i}`, 5 + (i % 7)]))

describe('holdOut', () => {
  it('takes families up to the share, the same ones every time', () => {
    const chosen = holdOut(counts, 'a', 0.25, 0.1)
    const taken = [...chosen].reduce((sum, family) => sum + counts.get(family)!, 0)
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
    expect(taken / total).toBeGreaterThanOrEqual(0.25)
    expect(taken / total).toBeLessThan(0.25 + 11 / total)
    expect(holdOut(new Map([...counts].reverse()), 'a', 0.25, 0.1)).toEqual(chosen)
  })

  it('chooses others with another salt', () => {
    expect(holdOut(counts, 'b', 0.25, 0.1)).not.toEqual(holdOut(counts, 'a', 0.25, 0.1))
  })

  it('never takes a family that is too large', () => {
    const withGiant = new Map([...counts, ['giant', 1000]])
    for (const salt of ['a', 'b', 'c', 'd']) expect(holdOut(withGiant, salt, 0.9, 0.1).has('giant')).toBe(false)
  })
})
