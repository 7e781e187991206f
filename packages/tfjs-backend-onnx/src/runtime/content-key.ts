import { type TypedArray, rawBytes } from '../graph/value'

/**
 * Multipliers of four hashes that go over the same words, odd numbers without pattern (those of MurmurHash3, x86_128; public
 * domain).
 */
const multipliers = [0x239b961b, 0xab0e9789, 0x38b34ae5, 0xa1e38b93] as const

const rotated = (h: number, by: number): number => (h << by) | (h >>> (32 - by))

/** Mixes every bit of a word into every other (MurmurHash3's finaliser). */
function mixed(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/**
 * A text by which arrays of equal content are recognised, of 128 bits; it holds against chance, not against malice. In
 * JavaScript, because browsers compute digests only asynchronously.
 */
export function contentKey(data: TypedArray): string {
  const raw = rawBytes(data)
  const bytes = raw.byteOffset % 4 === 0 ? raw : raw.slice()
  const whole = bytes.byteLength >> 2
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, whole)
  let [a, b, c, d] = [1, 2, 3, 4]
  const add = (word: number): void => {
    a = Math.imul(rotated(a ^ word, 15), multipliers[0])
    b = Math.imul(rotated((b + word) | 0, 16), multipliers[1])
    c = (Math.imul(rotated(c ^ word, 17), multipliers[2]) + a) | 0
    d = Math.imul(rotated((d + word) | 0, 18), multipliers[3]) ^ b
  }
  for (const word of words) add(word)
  for (let i = 4 * whole; i < bytes.byteLength; i++) add(bytes[i]!)
  return [bytes.byteLength, ...[a, b, c, d].map(mixed)].join()
}
