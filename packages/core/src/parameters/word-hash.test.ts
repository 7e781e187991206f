import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wordHash } from './word-hash'

const digestOf = (...parts: readonly (readonly number[])[]) => {
  const hash = wordHash()
  for (const part of parts) hash.take(Uint32Array.from(part))
  return hash.digest()
}
const words = fc.array(fc.nat(0xffffffff), { minLength: 1, maxLength: 20 })

describe('wordHash', () => {
  it('is the same for the same words, however they are cut', () => {
    fc.assert(
      fc.property(words, fc.nat(20), (all, cut) => {
        expect(digestOf(all.slice(0, cut), all.slice(cut))).toBe(digestOf(all))
        expect(digestOf(all)).toMatch(/^[0-9a-f]{32}$/)
      }),
    )
  })

  it('is another in every part when one word is another', () => {
    fc.assert(
      fc.property(words, fc.nat(19), fc.integer({ min: 1, max: 0xffffffff }), (all, at, change) => {
        fc.pre(at < all.length)
        const other = all.with(at, (all[at]! ^ change) >>> 0)
        const [first, second] = [digestOf(all), digestOf(other)]
        for (let lane = 0; lane < 32; lane += 8) {
          expect(first.slice(lane, lane + 8)).not.toBe(second.slice(lane, lane + 8))
        }
      }),
    )
  })

  it('takes text by its letters', () => {
    const hash = wordHash()
    hash.takeText('ab\u{1F600}')
    expect(hash.digest()).toBe(digestOf([97, 98, 0x1f600]))
  })
})
