import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { brainToFloat, floatToBrain, floatToHalf, halfToFloat } from './half'

const everyBits = Uint16Array.from({ length: 65536 }, (_, bits) => bits)

describe.each([
  { name: 'float16', decode: halfToFloat, encode: floatToHalf },
  { name: 'bfloat16', decode: brainToFloat, encode: floatToBrain },
])('$name', ({ decode, encode }) => {
  it('writes back every value it can read', () => {
    const values = decode(everyBits)
    const numbers = everyBits.filter((bits) => !Number.isNaN(values[bits]))
    // Compared as bytes: element by element, 65,536 of them take seconds.
    expect(Buffer.from(encode(decode(numbers)).buffer).equals(Buffer.from(numbers.buffer))).toBe(true)
    const others = everyBits.filter((bits) => Number.isNaN(values[bits]))
    expect(decode(encode(decode(others))).every(Number.isNaN)).toBe(true)
  })

  it('rounds to the nearest value it has, ties to the even one', () => {
    const finite = everyBits.filter((bits) => bits < 0x8000 && Number.isFinite(decode(Uint16Array.of(bits))[0]))
    const values = decode(finite)
    fc.assert(
      fc.property(fc.nat(finite.length - 2), fc.double({ min: 0, max: 1, noNaN: true }), (at, part) => {
        const [low, high] = [values[at]!, values[at + 1]!]
        const x = Math.fround(low + (high - low) * part)
        const [result] = encode(Float32Array.of(x))
        const expected = x - low < high - x ? at : x - low > high - x ? at + 1 : at + (at % 2)
        expect(result).toBe(finite[expected])
        expect(encode(Float32Array.of(-x))[0]).toBe(finite[expected]! | 0x8000)
      }),
      { numRuns: 1000 },
    )
  })

  it('keeps infinities and NaN, and overflows to infinity', () => {
    const values = decode(encode(Float32Array.of(Infinity, -Infinity, NaN, 3.4028235e38)))
    expect([...values]).toEqual([Infinity, -Infinity, NaN, Infinity])
  })
})
