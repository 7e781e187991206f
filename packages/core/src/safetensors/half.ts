/** All 65,536 values of IEEE 754 binary16, by their bits: built once, when the first half-precision tensor is read. */
let table: Float32Array | undefined

function halfTable(): Float32Array {
  if (table) return table
  table = new Float32Array(65536)
  for (let bits = 0; bits < 65536; bits++) {
    const sign = bits & 0x8000 ? -1 : 1
    const exponent = (bits >> 10) & 31
    const fraction = bits & 1023
    if (exponent === 0) table[bits] = sign * fraction * 2 ** -24
    else if (exponent === 31) table[bits] = fraction ? NaN : sign * Infinity
    else table[bits] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
  }
  return table
}

/** Fills an array with what `convert` makes of each number: a twentieth of the time that `from` takes with a function. */
function filled<T extends Float32Array | Uint16Array | Uint32Array>(
  target: T,
  source: Uint16Array | Uint32Array,
  convert: (bits: number) => number,
): T {
  for (let i = 0; i < source.length; i++) target[i] = convert(source[i]!)
  return target
}

const wordsOf = (floats: Float32Array) => new Uint32Array(floats.buffer, floats.byteOffset, floats.length)

/** float16 (as bits) to float32, exactly. */
export function halfToFloat(bits: Uint16Array): Float32Array {
  const values = halfTable()
  return filled(new Float32Array(bits.length), bits, (half) => values[half]!)
}

/** float32 to float16 bits, rounded to nearest, ties to even; what is beyond 65,504 becomes infinite. */
export function floatToHalf(floats: Float32Array): Uint16Array {
  return filled(new Uint16Array(floats.length), wordsOf(floats), (word) => {
    const sign = (word >>> 16) & 0x8000
    const exponent = (word >>> 23) & 255
    const fraction = word & 0x7fffff
    if (exponent === 255) return sign | 0x7c00 | (fraction ? 0x200 : 0)
    const scaled = exponent - 112
    if (scaled >= 31) return sign | 0x7c00
    if (scaled <= 0) {
      // Subnormal: the implicit bit becomes explicit and moves right.
      if (scaled < -10) return sign
      return sign | roundShift(fraction | 0x800000, 14 - scaled)
    }
    // A carry out of the fraction is the next exponent: what rounds up past 65,504 becomes infinity by itself.
    return sign | roundShift((scaled << 23) | fraction, 13)
  })
}

/** `value >> shift`, to nearest, ties to even. */
function roundShift(value: number, shift: number): number {
  const floor = value >>> shift
  const rest = value & ((1 << shift) - 1)
  const half = 1 << (shift - 1)
  return rest > half || (rest === half && floor & 1) ? floor + 1 : floor
}

/** bfloat16 (as bits) to float32, exactly: it is float32's upper half. */
export function brainToFloat(bits: Uint16Array): Float32Array {
  return new Float32Array(filled(new Uint32Array(bits.length), bits, (half) => half << 16).buffer)
}

/** float32 to bfloat16 bits, rounded to nearest, ties to even. */
export function floatToBrain(floats: Float32Array): Uint16Array {
  return filled(new Uint16Array(floats.length), wordsOf(floats), (word) => {
    const isNan = (word & 0x7fffffff) >>> 0 > 0x7f800000
    if (isNan) return (word >>> 16) | 0x40
    return (word + 0x7fff + ((word >>> 16) & 1)) >>> 16
  })
}
