import { describe, expect, it } from 'vitest'
import { conceptOf, joinPlurals } from './concepts'

const plain = { suffixes: [], prefixes: [] }

describe('conceptOf', () => {
  it('takes off what says how a thing is drawn', () => {
    expect(conceptOf('alarm-clock-outline-rounded', plain)).toBe('alarm-clock')
    expect(conceptOf('ios-alarm-clock', plain)).toBe('alarm-clock')
    expect(conceptOf('alarm-clock-02-filled', plain)).toBe('alarm-clock')
    expect(conceptOf('tent-24', plain)).toBe('tent')
    expect(conceptOf('battery1', plain)).toBe('battery')
  })

  it('takes off the styles that the set declares, which elsewhere are words of their own', () => {
    expect(conceptOf('home-line', { suffixes: ['line'], prefixes: [] })).toBe('home')
    expect(conceptOf('dotted-line', plain)).toBe('dotted-line')
    expect(conceptOf('twotone-home', { suffixes: [], prefixes: ['twotone'] })).toBe('home')
    expect(conceptOf('traffic-light', plain)).toBe('traffic-light')
  })

  it('keeps a name that is nothing but style', () => {
    expect(conceptOf('filled', plain)).toBe('filled')
  })

  it('leaves out brands, flags, letters and people in six colours', () => {
    for (const name of ['brand-github', 'flag-for-italy', 'alpha-b', 'person-light-skin-tone', 'a', '3d']) {
      expect(conceptOf(name, plain)).toBeUndefined()
    }
  })
})

describe('joinPlurals', () => {
  it('counts a plural as its singular where there is one', () => {
    const canonical = joinPlurals(new Set(['headphone', 'headphones', 'scissors', 'glass', 'compass']))
    expect(canonical('headphones')).toBe('headphone')
    expect(canonical('scissors')).toBe('scissors')
    expect(canonical('compass')).toBe('compass')
  })
})
